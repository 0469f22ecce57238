package org.reft4j.verify;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The rules that keep the modules apart, over any tree of packages of the project's layout: the project itself, and a planted one that
 * breaks each of them.
 */
final class ArchitectureRules {
    private static final String TENSOR = "org.bytedeco.pytorch.Tensor";
    /** The factory of tensors, and with the bytes of files the only reader of their memory. */
    private static final String TENSORS = ".tensor.Tensors";

    private static final String NATIVE_BYTES = ".model.weights.NativeBytes";
    /** Records of tensors: each stays within the scope that it was made in. */
    private static final List<String> TENSOR_RECORDS = List.of(
            ".model.PolicyModel$Scores",
            ".model.decoder.LayeredDecoder$Staged",
            ".model.decoder.Rows",
            ".model.decoder.layers.AttentionMask",
            ".model.decoder.layers.Positions",
            ".model.decoder.layers.Rope$Angles",
            ".model.decoder.layers.SharedPrompt",
            ".train.loss.GrpoLoss",
            ".train.loss.GrpoLoss$Old",
            ".train.loss.TokenLoss$Given",
            ".train.loss.PpoLoss",
            ".train.loss.PpoLoss$Old",
            ".train.loss.PreferenceLoss",
            ".train.loss.TokenLoss$Sum");

    private ArchitectureRules() {}

    /**
     * Every rule.
     *
     * @param root the package that holds {@code tensor}, {@code model}, {@code task}, {@code train}, {@code cli}
     */
    static List<Rule> of(String root) {
        return List.of(
                new Rule("layers", "UpwardTensor", layers(root)),
                new Rule("no cycles", "CyclicRun", cycles(root)),
                new Rule("task is plain Java", "NativeGrader", plainTask(root)),
                new Rule("libtorch has its places", "NativeCommand", libtorch(root)),
                new Rule("tensors have a place", "HomelessTensor", places(root)),
                new Rule("addresses and elements have their readers", "AddressReader", addresses(root)),
                new Rule("CUDA has its classes", "EagerDevice", cuda(root)),
                new Rule("tensor fields are owned", "ForgetfulCache", tensorFields(root)),
                new Rule("recipes are whole", "ChildRecipe", recipesExtendNothing(root)),
                new Rule("recipes are alone", "NosyRecipe", recipesAreAlone(root)),
                new Rule("scopes have one owner", "ScopeTaker", pointerScope(root)),
                new Rule("exceptions say what", "BareThrower", bareExceptions(root)),
                new Rule("only commands print", "Printer", standardStreams(root)),
                new Rule("randomness is seeded", "Gambler", randomness(root)),
                new Rule("locales are named", "LocalFormatter", locales(root)),
                new Rule("settings are used", "RecipeConfig", usedSettings(root)),
                new Rule("packages are null-marked", "Unmarked", nullMarked(root)),
                new Rule("names say what", "ThingManager", names(root)));
    }

    /** The modules, each with those that it may use. */
    private static final Map<String, List<String>> MODULES = new TreeMap<>(Map.of(
            "ground", List.of(),
            "template", List.of(),
            "sandbox", List.of("ground"),
            "tensor", List.of("ground"),
            "model", List.of("ground", "template", "tensor"),
            "task", List.of("ground", "sandbox"),
            "train", List.of("ground", "sandbox", "tensor", "model", "task"),
            "experiment", List.of("ground", "sandbox", "tensor", "model", "task", "train"),
            "server", List.of("ground", "template", "sandbox", "tensor", "model", "task", "train"),
            "cli",
                    List.of(
                            "ground",
                            "template",
                            "sandbox",
                            "tensor",
                            "model",
                            "task",
                            "train",
                            "experiment",
                            "server")));

    private static ArchRule layers(String root) {
        LayeredArchitecture layers = layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage(root + "..")
                .withOptionalLayers(true);
        for (String module : MODULES.keySet()) {
            layers = layers.layer(module).definedBy(root + "." + module + "..");
        }
        for (Map.Entry<String, List<String>> module : MODULES.entrySet()) {
            LayeredArchitecture.LayerDependencySpecification rule = layers.whereLayer(module.getKey());
            layers = module.getValue().isEmpty()
                    ? rule.mayNotAccessAnyLayer()
                    : rule.mayOnlyAccessLayers(module.getValue().toArray(String[]::new));
        }
        return layers.because(
                "a change must not travel upwards: the command line stands on experiments, these on training, that on models and"
                        + " tasks, so that graders run without native code and models without training");
    }

    private static ArchRule cycles(String root) {
        return slices().matching(root + ".(**)")
                .should()
                .beFreeOfCycles()
                .because("two packages that need each other are one package, and can only be read as one");
    }

    private static ArchRule plainTask(String root) {
        return noClasses()
                .that()
                .resideInAnyPackage(root + ".ground..", root + ".template..", root + ".sandbox..", root + ".task..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..")
                .because("data and graders start in milliseconds and may run in a sandboxed process, without libtorch");
    }

    private static ArchRule libtorch(String root) {
        return noClasses()
                .that(resideInAPackage(root + "..")
                        .and(resideInAnyPackage(
                                        root + ".tensor..",
                                        root + ".model..",
                                        root + ".train.rollout..",
                                        root + ".train.loss..",
                                        root + ".train.learn..",
                                        root + ".train.algorithm..",
                                        root + ".train.measure..",
                                        root + ".server.engine..")
                                .negate()))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco.pytorch..")
                .because("whoever records, shows or starts a run never holds native memory, and so cannot leak it");
    }

    private static ArchRule places(String root) {
        return classes()
                .that(resideInAPackage(root + "..").and(nameIsNot(root, TENSORS)))
                .should(Conditions.MAKE_NO_TENSORS)
                .because(
                        "a tensor that is made without a place lies on the processor, where a model on a device cannot use it");
    }

    private static ArchRule addresses(String root) {
        return classes()
                .that(resideInAPackage(root + "..").and(nameIsNot(root, TENSORS, NATIVE_BYTES)))
                .should(Conditions.READ_NO_TENSORS)
                .because("a device's address ends the JVM, and every look at an element waits for the device");
    }

    private static ArchRule cuda(String root) {
        return noClasses()
                .that(resideInAPackage(root + "..").and(nameIsNot(root, ".tensor.Cuda", ".train.ranks.Nccl")))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.bytedeco.pytorch.cuda..", "org.bytedeco.pytorch.nccl..", "org.bytedeco.cuda..")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("org.bytedeco.pytorch.global.torch_cuda")
                .because("where there is no NVIDIA driver, touching one of these classes fails");
    }

    private static DescribedPredicate<JavaClass> nameIsNot(String root, String... names) {
        List<String> full = Stream.of(names).map(root::concat).toList();
        return DescribedPredicate.describe(
                "other than " + full,
                type -> !full.contains(Conditions.topLevel(type).getName()));
    }

    private static ArchRule tensorFields(String root) {
        return classes()
                .that(resideInAPackage(root + ".."))
                .should(Conditions.ownFieldsOf(
                        TENSOR, TENSOR_RECORDS.stream().map(root::concat).toList()))
                .because(
                        "a tensor in a field outlives the method that made it, so somebody must close it; records of tensors stay"
                                + " within the scope they were made in");
    }

    private static ArchRule recipesExtendNothing(String root) {
        return classes()
                .that()
                .implement(root + ".train.algorithm.Recipe")
                .should(Conditions.EXTEND_NOTHING)
                .because("a recipe is read from top to bottom in one file; control flow in a base class cannot be");
    }

    private static ArchRule recipesAreAlone(String root) {
        return classes()
                .that()
                .implement(root + ".train.algorithm.Recipe")
                .should(Conditions.notUseOthersOf(root + ".train.algorithm.Recipe"))
                .because("changing one recipe must not change another");
    }

    private static ArchRule pointerScope(String root) {
        return noClasses()
                .that()
                .resideOutsideOfPackage(root + ".tensor..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("org.bytedeco.javacpp.PointerScope")
                .because("its detach frees what it should keep; use NativeScope.open(), keep() and own()");
    }

    private static ArchRule bareExceptions(String root) {
        return classes()
                .that(resideInAPackage(root + ".."))
                .should(Conditions.THROW_SAYING_WHAT)
                .because(
                        "a caller can only map an error that has a type; use the package's exception, or a standard one that fits");
    }

    private static ArchRule standardStreams(String root) {
        return noClasses()
                .that()
                .resideOutsideOfPackage(root + ".cli..")
                .and()
                .doNotHaveFullyQualifiedName(root + ".sandbox.ProgramWorker")
                .and()
                .doNotHaveFullyQualifiedName(root + ".task.graders.Printed") // keeps what others print away from them
                .and()
                .doNotHaveFullyQualifiedName(root + ".server.engine.EngineMain") // processes of their own
                .and()
                .doNotHaveFullyQualifiedName(root + ".server.worker.WorkerMain")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould(Conditions.callAnyOf("java.lang.Throwable", "printStackTrace"))
                .because("standard output belongs to the command that was started; emit a RunEvent or return the text");
    }

    private static ArchRule randomness(String root) {
        return classes()
                .that(resideInAPackage(root + "..")
                        .and(resideInAPackage(root + ".ground.random..").negate()))
                .should(Conditions.DRAW_FROM_SEEDS)
                .because("a resumed run must draw what the undisturbed one would have drawn; use Seeds");
    }

    private static ArchRule locales(String root) {
        return classes()
                .that(resideInAPackage(root + ".."))
                .should(Conditions.NAME_THE_LOCALE)
                .because("a file written in one country must be read in another; pass Locale.ROOT");
    }

    private static ArchRule usedSettings(String root) {
        return classes()
                .that()
                .haveFullyQualifiedName(root + ".train.settings.RecipeConfig")
                .should(new UsedSettings(root))
                .because("a setting that nobody reads is a promise that nobody keeps");
    }

    private static ArchRule nullMarked(String root) {
        return classes()
                .that(resideInAPackage(root + ".."))
                .should(Conditions.LIE_IN_NULL_MARKED_PACKAGES)
                .because("NullAway checks only what is marked");
    }

    private static ArchRule names(String root) {
        return classes()
                .that(resideInAPackage(root + ".."))
                .should(Conditions.AVOID_EMPTY_WORDS)
                .because("a name that fits anything tells nothing; use the field's word for it");
    }
}
