package org.reft4j.task.grade;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.time.Duration;
import org.reft4j.task.dataset.Question;

/** {@code java}: a {@link GraderPlugin} judges. It runs in this program, with all that this program may do, but not for ever. */
final class JavaGrader implements Grader {
    static final GraderType TYPE = new GraderType("java", "calls a class of the plug-in path", false, JavaGrader::read);

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final GraderPlugin plugin;
    private final ObjectNode options;
    private final AbandonedCalls calls;
    private final Duration timeout;

    private JavaGrader(GraderPlugin plugin, ObjectNode options, AbandonedCalls calls, Duration timeout) {
        this.plugin = plugin;
        this.options = options;
        this.calls = calls;
        this.timeout = timeout;
    }

    private static Grader read(GraderFields fields, GraderTools tools) {
        String name = fields.text("class");
        ObjectNode options =
                fields.inner("options").map(GraderFields::object).orElseGet(JsonNodeFactory.instance::objectNode);
        Duration timeout = fields.seconds("timeout", TIMEOUT);
        AbandonedCalls calls = new AbandonedCalls(name, tools.classes());
        // A static initialiser or a constructor may loop just as well.
        return switch (calls.call(() -> load(name, tools.classes()), timeout)) {
            case AbandonedCalls.Ended.Returned<GraderPlugin>(GraderPlugin plugin) ->
                new JavaGrader(plugin, options, calls, timeout);
            case AbandonedCalls.Ended.Threw<GraderPlugin>(Throwable failure) ->
                throw fields.fault(
                        "class",
                        "is \"" + name + "\", which " + reason(failure),
                        "expected a public class on the plug-in path that implements " + GraderPlugin.class.getName()
                                + " and has a public constructor without parameters");
            case AbandonedCalls.Ended.Abandoned<GraderPlugin>(String reason) ->
                throw fields.fault("class", "is \"" + name + "\", and making one " + reason, "mend its constructor");
        };
    }

    private static GraderPlugin load(String name, ClassLoader classes) throws ReflectiveOperationException {
        Class<?> type = Class.forName(name, true, classes);
        if (!GraderPlugin.class.isAssignableFrom(type) || !Modifier.isPublic(type.getModifiers())) {
            throw new IllegalArgumentException("is no public implementation of it");
        }
        try {
            return type.asSubclass(GraderPlugin.class).getConstructor().newInstance();
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(
                    "cannot be made: " + OneLine.of(e.getCause() == null ? e : e.getCause()), e);
        }
    }

    private static String reason(Throwable failure) {
        return switch (failure) {
            case ClassNotFoundException _ -> "is not found";
            case NoSuchMethodException _ -> "has no public constructor without parameters";
            case InstantiationException _ -> "is abstract";
            case IllegalArgumentException e -> String.valueOf(e.getMessage());
            case IllegalStateException e -> String.valueOf(e.getMessage());
            default -> "cannot be loaded: " + OneLine.of(failure);
        };
    }

    @Override
    public Grade grade(Question question, String completion) {
        JsonNode item = question.item().deepCopy();
        return switch (calls.call(() -> plugin.grade(item, new Sample(completion), options), timeout)) {
            case AbandonedCalls.Ended.Returned<Grade>(Grade grade) -> grade;
            case AbandonedCalls.Ended.Threw<Grade>(Throwable failure) ->
                new Grade.Failed(GradeError.OTHER_ERROR, plugin.getClass().getName() + " threw " + OneLine.of(failure));
            case AbandonedCalls.Ended.Abandoned<Grade>(String reason) ->
                new Grade.Failed(GradeError.OTHER_ERROR, plugin.getClass().getName() + " " + reason);
        };
    }
}
