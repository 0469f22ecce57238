package org.reft4j.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.reft4j.model.schema.Constraint;
import org.reft4j.model.schema.ResponseFormat;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.task.graders.GraderTrial;
import org.reft4j.train.run.Results;

/** The check of a grader before anything is trained by it, told line by line: the reward of each kind of completion, and what speaks against it. */
public final class GraderCheck {
    private static final int SHOWN = 70;
    private static final int SHOWN_TEXT = 90;

    private final List<Question> questions;
    private final Grader grader;
    private final Consumer<String> lines;
    private final ObjectNode figures = Results.object();
    private final List<String> warnings = new ArrayList<>();

    /**
     * Begins a check.
     *
     * @param questions that the grader is tried on
     * @param lines takes what people read
     */
    public GraderCheck(List<Question> questions, Grader grader, Consumer<String> lines) {
        this.questions = List.copyOf(questions);
        this.grader = grader;
        this.lines = lines;
        figures.put("rows", questions.size());
    }

    /** Shows the reward of each kind of completion, and what speaks against the grader there. */
    public void tried(GraderTrial trial, JsonNode description) {
        say("%-24s %6s %8s  %s", "", "rows", "mean", "one of them");
        ObjectNode kinds = figures.putObject("rewards");
        for (GraderTrial.Kind kind : GraderTrial.Kind.values()) {
            List<GraderTrial.Probe> probes = trial.probes().stream()
                    .filter(probe -> probe.kind() == kind)
                    .toList();
            double mean = trial.mean(kind).orElse(Double.NaN);
            say(
                    "%-24s %6d %8s  %s",
                    kind.words(),
                    probes.size(),
                    Double.isNaN(mean) ? "–" : String.format(Locale.ROOT, "%.3f", mean),
                    probes.isEmpty() ? "" : told(probes.getFirst().grade()));
            if (!probes.isEmpty()) {
                say("%-24s %s", "", "text: " + shown(probes.getFirst().completion()));
            }
            kinds.set(kind.name().toLowerCase(Locale.ROOT), Results.number(mean));
        }
        ArrayNode tried = figures.putArray("tried");
        for (GraderTrial.Probe probe : trial.probes()) {
            ObjectNode json = tried.addObject()
                    .put("kind", probe.kind().name().toLowerCase(Locale.ROOT))
                    .put("item_id", probe.question().id())
                    .put("completion", probe.completion())
                    .put("grade", probe.grade().label())
                    .put("correct", probe.grade().right());
            json.set("reward", Results.number(probe.reward()));
            json.put("reason", probe.grade().why().orElse(null));
            probe.grade().flag().ifPresent(flag -> json.put("flag", flag.flag()));
            Results.parts(json, probe.grade().parts());
        }
        warnings.addAll(trial.warnings(description));
    }

    /** Shows the cases of the grader's author, and warns if some were missed. */
    public void cases(List<GraderCases.Tried> tried) {
        if (tried.isEmpty()) {
            return;
        }
        GraderCases.json(figures.putArray("cases"), tried);
        for (GraderCases.Tried each : tried) {
            say(
                    "%s %s: expected %s, paid %s, %s; text: %s",
                    each.met() ? "met   " : "MISSED",
                    each.asked().place(),
                    Results.plain(each.asked().expected()),
                    Results.figure(each.reward()),
                    told(each.grade()),
                    shown(each.asked().completion()));
        }
        List<GraderCases.Tried> missed =
                tried.stream().filter(each -> !each.met()).toList();
        if (missed.isEmpty()) {
            return;
        }
        GraderCases.Tried first = missed.getFirst();
        warnings.add(missed.size() + " of " + tried.size() + " cases are missed, first "
                + first.asked().place() + ": expected "
                + Results.plain(first.asked().expected()) + ", paid "
                + (Double.isNaN(first.reward())
                        ? "nothing, for grading failed: " + first.grade().why().orElse("")
                        : Results.figure(first.reward())));
    }

    /** Grades what a model wrote, one completion for each question, and warns if none could be graded. */
    public void written(List<String> completions) {
        List<Double> rewards = new ArrayList<>();
        int right = 0;
        for (int i = 0; i < questions.size(); i++) {
            Grade grade = grader.grade(questions.get(i), completions.get(i));
            if (!(grade instanceof Grade.Failed)) {
                rewards.add(RewardRule.REFT.of(grade));
            }
            right += grade.right() ? 1 : 0;
            say("  %s: %s; text: %s", questions.get(i).id(), told(grade), shown(completions.get(i)));
        }
        double mean = rewards.stream().mapToDouble(r -> r).average().orElse(Double.NaN);
        say(
                "%-24s %6d %8s  %d right",
                "the model's",
                questions.size(),
                Double.isNaN(mean) ? "–" : String.format(Locale.ROOT, "%.3f", mean),
                right);
        figures.set("model-reward", Results.number(mean));
        figures.put("model-failed", questions.size() - rewards.size());
        figures.put("model-correct", right);
        if (rewards.isEmpty()) {
            warnings.add("none of the model's completions could be graded");
        }
    }

    /** Warns of completions that ought to be perfect, and that a model could not write in the format that is asked of it. */
    public void formatted(GraderTrial trial, ResponseFormat format) {
        Constraint constraint = Constraint.ofTexts(format);
        List<GraderTrial.Probe> others = trial.probes().stream()
                .filter(probe -> probe.kind() == GraderTrial.Kind.REFERENCE)
                .filter(probe -> constraint.fault(probe.completion().strip()).isPresent())
                .toList();
        if (!others.isEmpty()) {
            GraderTrial.Probe first = others.getFirst();
            warnings.add(others.size() + " perfect completions do not have the response format, first that of "
                    + first.question().id() + ", which leaves it after "
                    + constraint.fault(first.completion().strip()).orElse(0) + " characters: "
                    + shown(first.completion()) + "; say what a perfect model would write");
        }
    }

    /** Tells the notes, the warnings, or that there are none. */
    public void end(List<String> notes) {
        notes.forEach(note -> say("note: %s", note));
        warnings.forEach(warning -> say("warning: %s", warning));
        if (warnings.isEmpty()) {
            say("%s", "nothing speaks against it");
        }
        notes.forEach(figures.putArray("notes")::add);
        warnings.forEach(figures.putArray("warnings")::add);
    }

    /** The reasons against training by the grader, so far. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** The same for programs. */
    public ObjectNode figures() {
        return figures;
    }

    /** A completion on one line. */
    private static String shown(String completion) {
        String line = completion.replace("\n", "⏎").strip();
        return line.isEmpty() ? "(nothing)" : line.length() > SHOWN_TEXT ? line.substring(0, SHOWN_TEXT) + "…" : line;
    }

    private static String told(Grade grade) {
        String text = grade.label()
                + grade.answer().map(answer -> " " + answer).orElse("")
                + grade.why().map(why -> ": " + why).orElse("");
        String parts = grade.parts().isEmpty() ? "" : " " + grade.parts();
        String line = (text + parts).replaceAll("\\s+", " ");
        return line.length() > SHOWN ? line.substring(0, SHOWN) + "…" : line;
    }

    @FormatMethod
    private void say(@FormatString String format, Object... values) {
        lines.accept(String.format(Locale.ROOT, format, values));
    }
}
