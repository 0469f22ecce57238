package org.reft4j.task.grade;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.reft4j.task.dataset.Conversation;
import org.reft4j.task.dataset.PromptTemplate;
import org.reft4j.task.dataset.Question;

/**
 * Tries a grader before anything is trained by it, without a model: what it pays for the answers that are known to be right, for those of
 * other questions, and for completions that nobody wants.
 *
 * @param probes in the order in which they were graded
 */
public record GraderTrial(List<Probe> probes) {
    /** Two means that differ by less are alike. */
    private static final double ALIKE = 0.05;

    private static final int REPEATS = 100;

    /** What was put to the grader. */
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

    /** Grades every kind of completion of every question. */
    public static GraderTrial of(Grader grader, RewardRule rule, PromptTemplate template, List<Question> questions) {
        List<Probe> probes = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            Question question = questions.get(i);
            for (Kind kind : Kind.values()) {
                if (kind == Kind.OTHER) {
                    other(questions, i)
                            .forEach(another ->
                                    probes.add(probe(kind, question, reference(template, another), grader, rule)));
                } else {
                    probes.add(probe(kind, question, completion(kind, template, question), grader, rule));
                }
            }
        }
        return new GraderTrial(List.copyOf(probes));
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

    private static String completion(Kind kind, PromptTemplate template, Question question) {
        return switch (kind) {
            case REFERENCE, OTHER -> reference(template, question);
            case EMPTY -> "";
            case REPEATED -> "the ".repeat(REPEATS).strip();
            case COPIED -> question.text();
        };
    }

    /** What a perfect model would write. */
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

    /** What speaks against training by this grader, in sentences. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (!failed().isEmpty()) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "%d of %d completions could not be graded, first: %s",
                    failed().size(),
                    probes.size(),
                    failed().getFirst().grade().why().orElse("")));
        }
        double reference = mean(Kind.REFERENCE).orElse(Double.NaN);
        if (Double.isNaN(reference)) {
            return warnings;
        }
        if (probes.stream()
                        .mapToDouble(Probe::reward)
                        .filter(r -> !Double.isNaN(r))
                        .distinct()
                        .count()
                == 1) {
            warnings.add("everything is paid " + number(reference) + ": there is nothing to learn");
            return warnings;
        }
        for (Kind kind : Kind.values()) {
            double mean = mean(kind).orElse(Double.NaN);
            if (kind != Kind.REFERENCE && mean > reference - ALIKE) {
                warnings.add(kind.words() + " are paid " + number(mean) + ", about as much as reference answers ("
                        + number(reference) + ")");
            } else if (kind != Kind.REFERENCE && kind != Kind.OTHER && mean > floor() + ALIKE) {
                warnings.add(kind.words() + " is paid " + number(mean) + ": a model will find that out");
            }
        }
        return warnings;
    }

    /** What the worst completion is paid. */
    private double floor() {
        return probes.stream()
                .mapToDouble(Probe::reward)
                .filter(reward -> !Double.isNaN(reward))
                .min()
                .orElse(0);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }
}
