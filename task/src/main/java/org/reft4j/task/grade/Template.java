package org.reft4j.task.grade;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.reft4j.task.dataset.Question;

/**
 * A text with places such as <code>{{ item.answer }}</code> or <code>{{ sample.output_json.steps[0].text }}</code>. Values that are no
 * text are inserted as JSON.
 */
public final class Template {
    private static final Pattern PLACE = Pattern.compile("\\{\\{(.*?)}}", Pattern.DOTALL);
    private static final Pattern PATH = Pattern.compile("(item|sample)((?:\\.[\\p{L}\\p{N}_$-]+|\\[\\d{1,6}])*)");
    private static final Pattern STEP = Pattern.compile("\\.([\\p{L}\\p{N}_$-]+)|\\[(\\d{1,6})]");

    private final List<Part> parts;

    private Template(List<Part> parts) {
        this.parts = parts;
    }

    /** A piece of a template. */
    private sealed interface Part {
        /** Stands as it is. */
        record Words(String text) implements Part {}

        /** Is filled in; steps are names, or numbers of list entries. */
        record Path(String spelled, boolean item, List<String> steps) implements Part {
            /** Value of the path; a missing node for nothing. */
            JsonNode in(JsonNode root) {
                JsonNode node = root;
                for (String step : steps) {
                    node = step.startsWith("[") ? node.path(Integer.parseInt(step.substring(1))) : node.path(step);
                }
                return node;
            }
        }
    }

    /**
     * @param where the text stands, for messages
     * @throws GraderException if a place names anything but {@code item} and {@code sample}
     */
    public static Template of(String text, String where) {
        List<Part> parts = new ArrayList<>();
        Matcher matcher = PLACE.matcher(text);
        int from = 0;
        while (matcher.find()) {
            if (matcher.start() > from) {
                parts.add(new Part.Words(text.substring(from, matcher.start())));
            }
            parts.add(path(matcher.group(1).strip(), where));
            from = matcher.end();
        }
        if (from < text.length()) {
            parts.add(new Part.Words(text.substring(from)));
        }
        return new Template(List.copyOf(parts));
    }

    private static Part.Path path(String spelled, String where) {
        Matcher matcher = PATH.matcher(spelled);
        if (!matcher.matches()) {
            throw new GraderException(where + " holds {{ " + spelled
                    + " }}; expected item or sample, followed by names after dots and numbers in brackets, such as"
                    + " {{ item.answer }} or {{ sample.output_json.steps[0] }}");
        }
        List<String> steps = new ArrayList<>();
        Matcher step = STEP.matcher(matcher.group(2));
        while (step.find()) {
            steps.add(step.group(1) == null ? "[" + step.group(2) : step.group(1));
        }
        return new Part.Path(spelled, matcher.group(1).equals("item"), steps);
    }

    /** True if it names anything of the sample. */
    public boolean ofSample() {
        return parts.stream().anyMatch(part -> part instanceof Part.Path path && !path.item());
    }

    /** True if it has a place for the item and none for a sample. */
    boolean isAboutItem() {
        List<Part.Path> places = parts.stream()
                .filter(Part.Path.class::isInstance)
                .map(Part.Path.class::cast)
                .toList();
        return !places.isEmpty() && places.stream().allMatch(Part.Path::item);
    }

    /** The words in front of the first place. */
    String opening() {
        return parts.getFirst() instanceof Part.Words(String words) ? words : "";
    }

    /** The first place, such as {@code item.answer}, that names what the item lacks; empty if it has all. */
    Optional<String> absentIn(JsonNode item) {
        for (Part part : parts) {
            if (part instanceof Part.Path path && path.item() && path.in(item).isMissingNode()) {
                return Optional.of(path.spelled());
            }
        }
        return Optional.empty();
    }

    /** @throws MissingVariableException if the item or the sample lacks what the template names */
    public String fill(Values values) {
        StringBuilder text = new StringBuilder();
        for (Part part : parts) {
            switch (part) {
                case Part.Words(String words) -> text.append(words);
                case Part.Path path -> {
                    JsonNode value = values.at(path);
                    text.append(value.isTextual() ? value.textValue() : value.toString());
                }
            }
        }
        return text.toString();
    }

    /**
     * Values that templates are filled with.
     *
     * @param item the data row
     * @param sample the completion, as {@link Sample#json}
     */
    public record Values(JsonNode item, JsonNode sample) {
        public static Values of(Question question, String completion) {
            return new Values(question.item(), new Sample(completion).json());
        }

        private JsonNode at(Part.Path path) {
            JsonNode node = path.in(path.item() ? item : sample);
            if (node.isMissingNode()) {
                boolean sampled =
                        !path.item() && Sample.FIELDS.contains(path.steps().getFirst());
                boolean json = path.steps().getFirst().equals(Sample.JSON_FIELD) && !sample.has(Sample.JSON_FIELD);
                throw new MissingVariableException(
                        "there is no " + path.spelled() + (json ? ": the completion is no JSON" : ""), sampled);
            }
            return node;
        }

        /**
         * A grade. Where a template names what the completion does not have, such as a key of its JSON, the completion is no answer; where
         * it names what the item does not have, or no completion can have, the grader has failed.
         */
        public Grade graded(Supplier<Grade> grading) {
            try {
                return grading.get();
            } catch (MissingVariableException e) {
                String reason = String.valueOf(e.getMessage());
                return e.sampled
                        ? new Grade.NoAnswer(reason, true)
                        : new Grade.Failed(GradeError.INVALID_VARIABLE_ERROR, reason);
            }
        }
    }

    /** A template names what the item or the sample does not have. */
    static final class MissingVariableException extends RuntimeException {
        private static final long serialVersionUID = 1;

        /** True if another completion could have it. */
        private final boolean sampled;

        MissingVariableException(String message, boolean sampled) {
            super(message);
            this.sampled = sampled;
        }
    }
}
