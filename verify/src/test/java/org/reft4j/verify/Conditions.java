package org.reft4j.verify;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/** Conditions on classes for {@link ArchitectureRules}. */
final class Conditions {
    private static final Set<String> EMPTY_WORDS = Set.of(
            "Manager",
            "Helper",
            "Helpers",
            "Util",
            "Utils",
            "Utility",
            "Utilities",
            "Handler",
            "Processor",
            "Info",
            "Base",
            "Abstract",
            "Impl");
    private static final Set<String> BARE =
            Set.of("java.lang.RuntimeException", "java.lang.Exception", "java.lang.Throwable", "java.lang.Error");

    static final ArchCondition<JavaClass> EXTEND_NOTHING = condition(
            "extend nothing",
            (type, broken) -> type.getRawSuperclass()
                    .filter(parent -> !parent.getName().equals("java.lang.Object"))
                    .ifPresent(parent -> broken.accept(type.getName() + " extends " + parent.getName())));

    static final ArchCondition<JavaClass> THROW_SAYING_WHAT = condition(
            "not construct bare exceptions",
            (type, broken) -> type.getConstructorCallsFromSelf().stream()
                    .filter(call -> BARE.contains(call.getTargetOwner().getName()))
                    // The call of super(…) in an exception's own constructor.
                    .filter(call -> !(call.getOrigin().isConstructor()
                            && type.getRawSuperclass().equals(Optional.of(call.getTargetOwner()))))
                    .forEach(call -> broken.accept(call.getDescription())));

    static final ArchCondition<JavaClass> DRAW_FROM_SEEDS = forbidden(
            "draw from seeds only", access -> switch (access.getTargetOwner().getName()) {
                case "java.util.Random", "java.util.concurrent.ThreadLocalRandom", "java.security.SecureRandom" -> true;
                case "java.lang.Math", "java.lang.StrictMath" ->
                    access.getName().equals("random");
                case "java.util.SplittableRandom" -> access.getName().equals("<init>");
                case "java.util.Collections" ->
                    access.getTarget().getFullName().equals("java.util.Collections.shuffle(java.util.List)");
                default -> false;
            });

    static final ArchCondition<JavaClass> NAME_THE_LOCALE =
            forbidden("name the locale", access -> switch (access.getTarget().getFullName()) {
                case "java.lang.String.format(java.lang.String, [Ljava.lang.Object;)",
                        "java.lang.String.formatted([Ljava.lang.Object;)",
                        "java.lang.String.toLowerCase()",
                        "java.lang.String.toUpperCase()",
                        "java.io.PrintStream.printf(java.lang.String, [Ljava.lang.Object;)",
                        "java.io.PrintWriter.printf(java.lang.String, [Ljava.lang.Object;)" -> true;
                default -> false;
            });

    static final ArchCondition<JavaClass> LIE_IN_NULL_MARKED_PACKAGES =
            condition("lie in packages that are @NullMarked", (type, broken) -> {
                if (!type.getPackage().isAnnotatedWith(NullMarked.class)) {
                    broken.accept(type.getName() + " lies in a package without @NullMarked in its package-info.java");
                }
            });

    static final ArchCondition<JavaClass> AVOID_EMPTY_WORDS = condition(
            "not be named by empty words",
            (type, broken) -> Stream.of(type.getSimpleName().split("(?<=[a-z0-9])(?=[A-Z])"))
                    .filter(EMPTY_WORDS::contains)
                    .forEach(word -> broken.accept(type.getName() + " has \"" + word + "\" in its name")));

    /** Functions of libtorch that make a tensor of nothing; those that take the place of another tensor's are not among them. */
    private static final Set<String> FACTORIES = Set.of(
            "arange",
            "empty",
            "empty_strided",
            "eye",
            "from_blob",
            "from_file",
            "full",
            "linspace",
            "logspace",
            "normal",
            "ones",
            "rand",
            "randint",
            "randn",
            "randperm",
            "range",
            "scalar_tensor",
            "tensor",
            "tril_indices",
            "triu_indices",
            "zeros");

    static final ArchCondition<JavaClass> MAKE_NO_TENSORS = forbidden(
            "make no tensors", access -> switch (access.getTargetOwner().getName()) {
                case "org.bytedeco.pytorch.global.torch" -> FACTORIES.contains(access.getName());
                case "org.bytedeco.pytorch.TensorOptions",
                        "org.bytedeco.pytorch.Device",
                        "org.bytedeco.pytorch.DeviceOptional" ->
                    access.getName().equals("<init>");
                case "org.bytedeco.pytorch.Tensor" ->
                    access.getName().equals("cpu")
                            || access.getName().equals("cuda")
                            || access.getTarget().getFullName().equals("org.bytedeco.pytorch.Tensor.<init>(float)");
                default -> false;
            });

    static final ArchCondition<JavaClass> READ_NO_TENSORS = forbidden(
            "read no tensors",
            access -> access.getTargetOwner().getName().startsWith("org.bytedeco.pytorch.Tensor")
                    && (access.getName().contains("data_ptr")
                            || access.getName().equals("item")
                            || access.getName().startsWith("item_")
                            || access.getName().equals("createBuffer")
                            || access.getName().equals("asBuffer")));

    private Conditions() {}

    /** Fields of the type, or of containers of it, only in what can be closed and in {@code allowed}. */
    static ArchCondition<JavaClass> ownFieldsOf(String held, List<String> allowed) {
        return condition("close the fields of type " + held + " that they have", (type, broken) -> {
            if (type.isAssignableTo(AutoCloseable.class) || allowed.contains(type.getName())) {
                return;
            }
            for (JavaField field : type.getFields()) {
                if (field.getAllInvolvedRawTypes().stream()
                        .anyMatch(raw -> raw.getName().equals(held))) {
                    broken.accept(
                            field.getFullName() + " is never closed: " + type.getName() + " is not AutoCloseable");
                }
            }
        });
    }

    /** No dependency on another implementation of the interface. */
    static ArchCondition<JavaClass> notUseOthersOf(String contract) {
        return condition(
                "not use another " + contract,
                (type, broken) -> type.getDirectDependenciesFromSelf().stream()
                        .filter(dependency -> dependency.getTargetClass().isAssignableTo(contract))
                        .filter(dependency ->
                                !dependency.getTargetClass().getName().equals(contract))
                        .filter(dependency ->
                                !topLevel(dependency.getTargetClass()).equals(topLevel(type)))
                        .forEach(dependency -> broken.accept(dependency.getDescription())));
    }

    /** A call of the method, on the type or on a subtype. */
    static ArchCondition<JavaClass> callAnyOf(String owner, String method) {
        return new ArchCondition<>("call " + method) {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                type.getMethodCallsFromSelf().stream()
                        .filter(call -> call.getName().equals(method)
                                && call.getTargetOwner().isAssignableTo(owner))
                        .forEach(call -> events.add(SimpleConditionEvent.satisfied(call, call.getDescription())));
            }
        };
    }

    /** The outermost class around a nested or anonymous one. */
    static JavaClass topLevel(JavaClass type) {
        JavaClass outer = type;
        while (outer.getEnclosingClass().isPresent()) {
            outer = outer.getEnclosingClass().get();
        }
        return outer;
    }

    private static ArchCondition<JavaClass> forbidden(String description, Predicate<JavaAccess<?>> bad) {
        return condition(
                description,
                (type, broken) -> type.getAccessesFromSelf().stream()
                        .filter(bad)
                        .forEach(access -> broken.accept(access.getDescription())));
    }

    private static ArchCondition<JavaClass> condition(
            String description, BiConsumer<JavaClass, Consumer<String>> check) {
        return new ArchCondition<>(description) {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                check.accept(type, message -> events.add(SimpleConditionEvent.violated(type, message)));
            }
        };
    }
}
