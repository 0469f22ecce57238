package org.reft4j.task.graders;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.text.OneLine;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.GraderPlugin;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.GraderType;
import org.reft4j.task.grade.Sample;

/** {@code java}: a {@link GraderPlugin} judges. It runs in this program, with all that this program may do, but not for ever. */
final class JavaGrader implements Grader {
    static final GraderType TYPE = new GraderType("java", "calls a class of the plug-in path", false, JavaGrader::read);

    private static final String WHERE =
            "; name its jar or folder with classpath: in the grader's description or in a run's"
                    + " configuration, or for the command";

    /** Classes of ours that a plug-in calls: what it gave them wrongly is its own fault, at its own line. */
    private static final Set<String> OURS = Set.of(
            Grade.class.getName(), Grade.Scored.class.getName(), Sample.class.getName(), JavaGrader.class.getName());

    /** Those that a plug-in is handed objects of, and Java's own. */
    private static final List<String> LIBRARIES = List.of("java.", "javax.", "jdk.", "com.fasterxml.jackson.");

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final String name;
    private final Foreign code;
    private final AbandonedCalls calls;
    private final Duration timeout;

    private JavaGrader(String name, Foreign code, AbandonedCalls calls, Duration timeout) {
        this.name = name;
        this.code = code;
        this.calls = calls;
        this.timeout = timeout;
    }

    /** Code of others. */
    @FunctionalInterface
    private interface Foreign {
        Grade grade(Question question, String completion) throws Exception;

        static Foreign of(GraderPlugin plugin, ObjectNode options) {
            return (question, completion) -> plugin.grade(question.item().deepCopy(), new Sample(completion), options);
        }
    }

    private static Grader read(GraderFields fields, GraderTools tools) {
        String name = fields.text("class");
        ObjectNode options =
                fields.inner("options").map(GraderFields::object).orElseGet(JsonNodeFactory.instance::objectNode);
        Duration timeout = fields.seconds("timeout", TIMEOUT);
        ClassLoader classes = fields.optionalText("classpath")
                .map(path -> PluginPath.of(path, tools.classes(), fields.place() + ".classpath"))
                .orElse(tools.classes());
        AbandonedCalls calls = new AbandonedCalls(name, classes);
        if (name.equals(GraderTools.OWN)) {
            Grader own = tools.own();
            if (own == null) {
                throw fields.fault(
                        "class",
                        "is \"" + name + "\", which a Java program hands over when it starts the run",
                        "start the run from that program, or name another grader");
            }
            return new JavaGrader(own.getClass().getName(), own::grade, calls, timeout);
        }
        Printed printed = new Printed();
        // A static initialiser or a constructor may loop just as well.
        return switch (calls.call(() -> load(name, classes, printed), timeout)) {
            case AbandonedCalls.Ended.Returned<GraderPlugin>(GraderPlugin plugin) ->
                new JavaGrader(plugin.getClass().getName(), Foreign.of(plugin, options), calls, timeout);
            case AbandonedCalls.Ended.Threw<GraderPlugin>(Throwable failure) ->
                throw fields.fault(
                        "class",
                        "is \"" + name + "\", which " + reason(failure),
                        "expected a public class on the plug-in path that implements " + GraderPlugin.class.getName()
                                + " and has a public constructor without parameters"
                                + (failure instanceof ClassNotFoundException ? WHERE : ""));
            case AbandonedCalls.Ended.Abandoned<GraderPlugin>(String reason) ->
                throw fields.fault("class", "is \"" + name + "\", and making one " + reason, "mend its constructor");
        };
    }

    private static GraderPlugin load(String name, ClassLoader classes, Printed printed)
            throws ReflectiveOperationException {
        printed.capture();
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
        Printed printed = new Printed();
        Callable<@Nullable Grade> call = () -> {
            printed.capture();
            return code.grade(question, completion);
        };
        return switch (calls.call(call, timeout)) {
            case AbandonedCalls.Ended.Returned<Grade>(Grade grade) -> noted(grade, printed.note());
            case AbandonedCalls.Ended.Threw<Grade>(Throwable failure) ->
                noted(failed(" threw " + OneLine.of(failure) + place(failure)), printed.note());
            case AbandonedCalls.Ended.Abandoned<Grade>(String reason) -> noted(failed(" " + reason), printed.note());
        };
    }

    private Grade failed(String reason) {
        return new Grade.Failed(GradeError.OTHER_ERROR, name + reason);
    }

    /** A grade whose reason says what the plug-in printed meanwhile, where there is a reason. */
    private static Grade noted(Grade grade, String printed) {
        if (printed.isEmpty()) {
            return grade;
        }
        String note = "printed: " + printed;
        return switch (grade) {
            case Grade.Scored(double score, double pass, var parts, String reason) ->
                new Grade.Scored(score, pass, parts, reason.isEmpty() ? note : reason + "; " + note);
            case Grade.Failed(GradeError error, String reason) -> new Grade.Failed(error, reason + "; " + note);
            case Grade.NoAnswer(String reason, boolean unfit) -> new Grade.NoAnswer(reason + "; " + note, unfit);
            case Grade.Correct _, Grade.Wrong _ -> grade;
        };
    }

    /** The line of the plug-in's code where something was thrown, or that called what threw it. */
    private static String place(Throwable failure) {
        for (StackTraceElement frame : failure.getStackTrace()) {
            String type = frame.getClassName();
            if (type.equals(AbandonedCalls.class.getName())) {
                break;
            }
            boolean library = LIBRARIES.stream().anyMatch(type::startsWith);
            if (!library && !OURS.contains(type) && frame.getLineNumber() > 0) {
                return " (" + type + ", line " + frame.getLineNumber() + ")";
            }
        }
        return "";
    }
}
