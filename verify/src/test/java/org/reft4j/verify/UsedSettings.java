package org.reft4j.verify;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Every component of every configuration record is read by something that is not itself configuration. A record's own method counts if it
 * is called from outside; the checks of its constructor never do.
 */
final class UsedSettings extends ArchCondition<JavaClass> {
    private static final Set<String> OF_ALL_RECORDS = Set.of("equals", "hashCode", "toString");

    private final String root;

    UsedSettings(String root) {
        super("have only settings that are used");
        this.root = root;
    }

    @Override
    public void check(JavaClass recipeConfig, ConditionEvents events) {
        Set<JavaClass> records = new LinkedHashSet<>();
        recipeConfig.getAllSubclasses().forEach(type -> collect(type, records));
        if (records.isEmpty()) {
            events.add(SimpleConditionEvent.violated(recipeConfig, recipeConfig.getName() + " has no record"));
        }
        // A setting that only these hand on is not read yet.
        records.add(recipeConfig);
        recipeConfig.getAllSubclasses().stream().filter(JavaClass::isInterface).forEach(records::add);
        for (JavaClass type : records) {
            for (JavaField setting : type.getFields()) {
                if (!setting.getModifiers().contains(JavaModifier.STATIC) && !used(setting, records)) {
                    String message = "the setting " + setting.getFullName() + " is read by nobody";
                    events.add(SimpleConditionEvent.violated(setting, message));
                }
            }
        }
    }

    /** The record and those of its components, however deep. */
    private void collect(JavaClass type, Set<JavaClass> records) {
        if (type.isRecord() && type.getPackageName().startsWith(root) && records.add(type)) {
            type.getFields().stream()
                    .filter(field -> !field.getModifiers().contains(JavaModifier.STATIC))
                    .forEach(field -> collect(field.getRawType(), records));
        }
    }

    private static boolean used(JavaField setting, Set<JavaClass> records) {
        JavaCodeUnit accessor = setting.getOwner().getMethod(setting.getName());
        return called(accessor, records, new LinkedHashSet<>())
                || setting.getAccessesToSelf().stream()
                        .map(JavaAccess::getOrigin)
                        .filter(reader -> !reader.isConstructor() && !reader.equals(accessor))
                        .anyMatch(reader -> called(reader, records, new LinkedHashSet<>()));
    }

    /** True if it is called from outside the records, directly or through other methods of theirs. */
    private static boolean called(JavaCodeUnit code, Set<JavaClass> records, Set<JavaCodeUnit> seen) {
        if (!seen.add(code) || OF_ALL_RECORDS.contains(code.getName()) || code.isConstructor()) {
            return false;
        }
        return Stream.concat(code.getAccessesToSelf().stream(), overridden(code))
                .map(JavaAccess::getOrigin)
                .anyMatch(origin -> records.contains(origin.getOwner())
                        ? called(origin, records, seen)
                        : !origin.getOwner().equals(code.getOwner()));
    }

    /** Calls of the same method through an interface of the record. */
    private static Stream<JavaAccess<?>> overridden(JavaCodeUnit code) {
        return code.getOwner().getAllRawInterfaces().stream()
                .flatMap(type -> type.getMethods().stream())
                .filter(method -> method.getName().equals(code.getName())
                        && method.getRawParameterTypes().isEmpty())
                .flatMap(method -> method.getAccessesToSelf().stream());
    }
}
