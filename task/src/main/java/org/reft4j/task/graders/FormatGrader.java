package org.reft4j.task.graders;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.GraderType;
import org.reft4j.task.grade.Template;

/** {@code format}: whether a text has the form that was asked for: a regular expression, sections in their order, or both. */
final class FormatGrader implements Grader {
    static final GraderType TYPE = new GraderType(
            "format",
            "checks the form of a text: a regular expression, required sections in order",
            FormatGrader::read);

    private static final Duration LIMIT = Duration.ofMillis(200);

    private final Template input;
    private final @Nullable TimedPattern pattern;
    private final boolean whole;
    private final List<String> sections;
    private final boolean share;

    private FormatGrader(
            Template input, @Nullable TimedPattern pattern, boolean whole, List<String> sections, boolean share) {
        this.input = input;
        this.pattern = pattern;
        this.whole = whole;
        this.sections = List.copyOf(sections);
        this.share = share;
    }

    private static Grader read(GraderFields fields, GraderTools tools) {
        TimedPattern pattern = fields.optionalText("pattern")
                .map(text -> pattern(fields, text))
                .orElse(null);
        List<String> sections = fields.value("sections").isPresent() ? fields.texts("sections") : List.of();
        if (sections.contains("")) {
            throw fields.fault("sections", "holds an empty text", "name what must be there");
        }
        if (pattern == null && sections.isEmpty()) {
            throw fields.fault("pattern", "is missing, and so are sections", "give one of them");
        }
        return new FormatGrader(
                fields.template("input", "{{ sample.output_text }}"),
                pattern,
                fields.flag("whole", false),
                sections,
                fields.flag("share", false));
    }

    private static TimedPattern pattern(GraderFields fields, String text) {
        try {
            return new TimedPattern(Pattern.compile(text), LIMIT);
        } catch (PatternSyntaxException e) {
            throw fields.fault(
                    "pattern",
                    "is no regular expression: " + e.getDescription() + " at " + e.getIndex(),
                    "expected one of Java's");
        }
    }

    @Override
    public Grade grade(Question question, String completion) {
        Template.Values values = Template.Values.of(question, completion);
        return values.graded(() -> {
            try {
                return grade(input.fill(values));
            } catch (TimedPattern.TooSlowException e) {
                return new Grade.Failed(GradeError.UNRESPONSIVE_REWARD_ERROR, String.valueOf(e.getMessage()));
            }
        });
    }

    private Grade grade(String text) {
        List<String> missing = new ArrayList<>();
        int demands = sections.size();
        if (pattern != null) {
            demands++;
            if (!(whole ? pattern.matches(text) : pattern.find(text))) {
                missing.add("the pattern does not fit");
            }
        }
        int at = 0;
        for (String section : sections) {
            int found = text.indexOf(section, at);
            if (found < 0) {
                boolean early = text.contains(section);
                missing.add("'" + section + (early ? "' stands too early" : "' is missing"));
            } else {
                at = found + section.length();
            }
        }
        double score = share ? 1 - (double) missing.size() / demands : missing.isEmpty() ? 1 : 0;
        return new Grade.Scored(score, Map.of(), missing.isEmpty() ? "has the form" : String.join("; ", missing));
    }
}
