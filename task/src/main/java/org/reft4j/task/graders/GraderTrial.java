package org.reft4j.task.graders;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import org.reft4j.task.dataset.Conversation;
import org.reft4j.task.dataset.PromptTemplate;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.DataRows;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderException;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.task.grade.Template;

/**
 * Tries a grader before anything is trained by it, without a model: its rewards for the answers that are known to be right, for those of
 * other questions, and for completions that nobody wants.
 *
 * @param probes in the order in which they were graded
 */
public record GraderTrial(List<Probe> probes) {
    /** Two means that differ by less are alike. */
    private static final double ALIKE = 0.05;

    private static final int REPEATS = 100;

    /** Kinds of completion that the grader is tried on. */
    public enum Kind {
        /** The annotation, or else the bare answer. */
        REFERENCE("reference answers"),
        /** The reference answer of another question, whose answer differs. */
        OTHER("other rows' answers"),
        EMPTY("nothing at all"),
        REPEATED("one word, repeated"),
        COPIED("the question, copied");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** For people. */
        public String words() {
            return words;
        }
    }

    /**
     * A completion and its grade.
     *
     * @param reward NaN where grading failed
     */
    public record Probe(Kind kind, Question question, String completion, Grade grade, double reward) {}

    /** Grades every kind of completion of every question; the perfect one is the annotation, or else the bare answer. */
    public static GraderTrial of(Grader grader, RewardRule rule, PromptTemplate template, List<Question> questions) {
        return of(grader, rule, (Question question) -> reference(template, question), questions);
    }

    /**
     * Grades every kind of completion of every question.
     *
     * @param perfect what a perfect model would write
     */
    public static GraderTrial of(
            Grader grader, RewardRule rule, Function<Question, String> perfect, List<Question> questions) {
        List<Probe> probes = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            Question question = questions.get(i);
            for (Kind kind : Kind.values()) {
                if (kind == Kind.OTHER) {
                    other(questions, i)
                            .forEach(
                                    another -> probes.add(probe(kind, question, perfect.apply(another), grader, rule)));
                } else {
                    probes.add(probe(kind, question, completion(kind, perfect, question), grader, rule));
                }
            }
        }
        return new GraderTrial(List.copyOf(probes));
    }

    /**
     * The perfect completion as a text with {@code {{ item.x }}} in it.
     *
     * @param place what to call it in messages
     * @throws GraderException if it names anything but the item, or something that one of the questions lacks
     */
    public static Function<Question, String> perfect(String text, String place, List<Question> questions) {
        Template template = Template.of(text, place);
        if (template.ofSample()) {
            throw new GraderException(
                    place + " names the sample; expected places of the item, such as {{ item.answer }}");
        }
        new DataRows("data", questions).require(template, place);
        return question -> template.fill(Template.Values.of(question, ""));
    }

    private static Probe probe(Kind kind, Question question, String completion, Grader grader, RewardRule rule) {
        Grade grade = grader.grade(question, completion);
        return new Probe(
                kind, question, completion, grade, grade instanceof Grade.Failed ? Double.NaN : rule.of(grade));
    }

    /** The next question that has another answer, if there is one. */
    private static List<Question> other(List<Question> questions, int number) {
        Question question = questions.get(number);
        for (int i = 1; i < questions.size(); i++) {
            Question another = questions.get((number + i) % questions.size());
            if (!another.answer().raw().equals(question.answer().raw())) {
                return List.of(another);
            }
        }
        return List.of();
    }

    private static String completion(Kind kind, Function<Question, String> perfect, Question question) {
        return switch (kind) {
            case REFERENCE, OTHER -> perfect.apply(question);
            case EMPTY -> "";
            case REPEATED -> "the ".repeat(REPEATS).strip();
            case COPIED -> question.text();
        };
    }

    /** Completion of a perfect model. */
    static String reference(PromptTemplate template, Question question) {
        Conversation conversation = question.conversation();
        if (question.rationale() == null) {
            return question.answer().raw();
        }
        return conversation == null ? template.target(question) : question.rationale();
    }

    /** The mean reward of a kind; empty where there was none that could be graded. */
    public OptionalDouble mean(Kind kind) {
        return probes.stream()
                .filter(probe -> probe.kind() == kind && !Double.isNaN(probe.reward()))
                .mapToDouble(Probe::reward)
                .average();
    }

    /** The probes that could not be graded. */
    public List<Probe> failed() {
        return probes.stream()
                .filter(probe -> probe.grade() instanceof Grade.Failed)
                .toList();
    }

    /** Reasons against training by this grader, in sentences. */
    public List<String> warnings() {
        return warnings(MissingNode.getInstance());
    }

    /**
     * The same, held against what the grader's description says that it can give.
     *
     * @param description a missing node where there is none
     */
    public List<String> warnings(JsonNode description) {
        List<String> warnings = new ArrayList<>();
        if (!failed().isEmpty()) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "%s completions could not be graded, first: %s",
                    failed().size() == probes.size()
                            ? "all " + probes.size()
                            : failed().size() + " of " + probes.size(),
                    failed().getFirst().grade().why().orElse("")));
        }
        double reference = mean(Kind.REFERENCE).orElse(Double.NaN);
        if (Double.isNaN(reference)) {
            return warnings;
        }
        if (paid().distinct().count() == 1) {
            warnings.add("everything is paid " + number(reference) + ": there is nothing to learn");
            return warnings;
        }
        tooLittle(reference, description).ifPresent(warnings::add);
        for (Kind kind : Kind.values()) {
            double mean = mean(kind).orElse(Double.NaN);
            if (kind != Kind.REFERENCE && mean > reference - ALIKE) {
                warnings.add(kind.words() + " are paid " + number(mean) + ", about as much as reference answers ("
                        + number(reference) + ")");
            } else if (nonsense(kind) && mean - floor() > (reference - floor()) / 2) {
                warnings.add(kind.words() + " is paid " + number(mean) + ": a model will find that out");
            }
        }
        return warnings;
    }

    /** Remarks on what may be meant so, in sentences: nonsense that is rewarded a little. */
    public List<String> notes() {
        double reference = mean(Kind.REFERENCE).orElse(Double.NaN);
        List<String> notes = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            double mean = mean(kind).orElse(Double.NaN);
            if (nonsense(kind) && mean > floor() + ALIKE && mean - floor() <= (reference - floor()) / 2) {
                notes.add(kind.words() + " is paid " + number(mean));
            }
        }
        return notes;
    }

    private static boolean nonsense(Kind kind) {
        return kind != Kind.REFERENCE && kind != Kind.OTHER;
    }

    /** That reference answers earn less than half of the best, or mostly do not count as right. */
    private Optional<String> tooLittle(double reference, JsonNode description) {
        double best = Math.max(BestScore.of(description), paid().max().orElse(0));
        double pass = Graders.passThreshold(description);
        boolean meant = BestScore.free(description) && description.has("pass_threshold") && reference >= pass;
        if (reference < best / 2 && !meant) {
            return Optional.of("reference answers are paid " + number(reference)
                    + ", less than half of the best possible " + number(best)
                    + ": right answers must be worth it, or be written otherwise");
        }
        List<Probe> references =
                probes.stream().filter(probe -> probe.kind() == Kind.REFERENCE).toList();
        long right = references.stream().filter(probe -> probe.grade().right()).count();
        return 2 * right >= references.size()
                ? Optional.empty()
                : Optional.of("only " + right + " of " + references.size()
                        + " reference answers count as right, from a score of " + number(pass)
                        + " on: lower pass_threshold, or pay right answers more");
    }

    private DoubleStream paid() {
        return probes.stream().mapToDouble(Probe::reward).filter(reward -> !Double.isNaN(reward));
    }

    /** Reward of the worst completion. */
    private double floor() {
        return paid().min().orElse(0);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }
}
