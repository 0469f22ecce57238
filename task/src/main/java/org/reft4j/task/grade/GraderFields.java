package org.reft4j.task.grade;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.reft4j.ground.settings.Fields;

/** A grader's description while it is read. Every fault names its place, such as {@code grader.graders.style.operation}. */
public final class GraderFields {
    /** Known to the API wherever a grader stands, and without influence on the reward. */
    private static final List<String> COMMON = List.of("type", "name", "pass_threshold");

    private static final Duration LONGEST = Duration.ofHours(1);
    private static final int SHOWN = 60;

    private final ObjectNode object;
    private final String place;
    private final List<DataRows> data;
    private final boolean ofGrader;
    private final Fields fields;

    /** @param data that the grader will be used on */
    public GraderFields(ObjectNode object, String place, List<DataRows> data) {
        this(object, place, data, true);
    }

    private GraderFields(ObjectNode object, String place, List<DataRows> data, boolean ofGrader) {
        this.object = object;
        this.place = place;
        this.data = data;
        this.ofGrader = ofGrader;
        fields = new Fields(object, place, GraderFields::refuse);
    }

    /** The fields of an object that is no grader itself. */
    public static GraderFields plain(ObjectNode object, String place) {
        return new GraderFields(object, place, List.of(), false);
    }

    /** The fields of an object within this one. */
    public GraderFields part(ObjectNode inner, String where) {
        return new GraderFields(inner, where, data, false);
    }

    /** The fields of an object that may stand in a field. */
    public Optional<GraderFields> inner(String field) {
        Optional<JsonNode> value = value(field);
        if (value.isPresent() && !(value.get() instanceof ObjectNode)) {
            fields.refuse(field, "an object");
        }
        return value.map(inner -> part((ObjectNode) inner, place + "." + field));
    }

    /** Place of this object, such as {@code grader.graders.style}. */
    public String place() {
        return place;
    }

    /** The object itself, not to be changed. */
    public ObjectNode object() {
        return object;
    }

    /** The grader's {@code name}, or its place without one. */
    public String name() {
        return object.path("name").asText(place);
    }

    /** A value that may be missing; missing too where it is null. */
    public Optional<JsonNode> value(String field) {
        return fields.value(field);
    }

    /** A value that must be there. */
    public JsonNode required(String field) {
        return value(field).orElseThrow(() -> fault(field, "is missing", "give it"));
    }

    /** A text that must be there. */
    public String text(String field) {
        return fields.text(field);
    }

    public Optional<String> optionalText(String field) {
        return value(field).map(_ -> text(field));
    }

    /** One of some words. */
    public String word(String field, List<String> words) {
        return fields.choice(field, words, ", ");
    }

    /** One of the words of an enum, in lower case. */
    public <E extends Enum<E>> E word(String field, Class<E> words) {
        List<E> values = List.of(words.getEnumConstants());
        List<String> names = values.stream()
                .map(value -> value.name().toLowerCase(Locale.ROOT))
                .toList();
        return values.get(names.indexOf(word(field, names)));
    }

    /** The same of a field that may be missing. */
    public <E extends Enum<E>> E word(String field, E absent) {
        return value(field).isEmpty() ? absent : word(field, absent.getDeclaringClass());
    }

    public double number(String field, double absent) {
        return fields.number(field, absent);
    }

    /** A whole number from {@code least} to {@code most}. */
    public long whole(String field, long absent, long least, long most) {
        return fields.whole(field, absent, least, most);
    }

    /** A time in seconds, more than 0 and at most an hour. */
    public Duration seconds(String field, Duration absent) {
        double seconds = number(field, absent.toMillis() / 1000.0);
        if (!(seconds > 0 && seconds <= LONGEST.toSeconds())) {
            fields.refuse(field, "seconds, more than 0 and at most " + LONGEST.toSeconds());
        }
        return Duration.ofMillis(Math.max(1, (long) (seconds * 1000)));
    }

    public boolean flag(String field, boolean absent) {
        return fields.flag(field, absent);
    }

    public List<String> texts(String field) {
        List<String> texts = new ArrayList<>();
        JsonNode value = required(field);
        if (!value.isArray()) {
            fields.refuse(field, "a list of texts");
        }
        for (JsonNode each : value) {
            if (!each.isTextual()) {
                throw fault(field, "holds " + shown(each), "expected texts only");
            }
            texts.add(each.textValue());
        }
        return texts;
    }

    /** A text with {@code {{ item.x }}} and {@code {{ sample.x }}} in it. */
    public Template template(String field) {
        return templateOf(text(field), place + "." + field);
    }

    /** The same, with a text to take where the field is missing. */
    public Template template(String field, String absent) {
        return templateOf(optionalText(field).orElse(absent), place + "." + field);
    }

    /** A template that stands somewhere in this object. */
    public Template templateOf(String text, String where) {
        Template template = Template.of(text, where);
        data.forEach(rows -> rows.require(template, where));
        return template;
    }

    /** A fault of a field; {@code remedy} says what is expected or what to do. */
    public GraderException fault(String field, String what, String remedy) {
        return new GraderException(place + "." + field + " " + what + "; " + remedy);
    }

    /** Refuses what nobody asked for. */
    public void requireNothingElse() {
        Set<String> known = new LinkedHashSet<>(ofGrader ? COMMON : List.of());
        known.addAll(fields.asked());
        for (String field : fields.besides(known)) {
            String where =
                    ofGrader ? " to a grader of type " + object.path("type").asText() : "";
            throw fault(field, "is not known" + where, "expected " + String.join(", ", known));
        }
    }

    private static void refuse(String key, JsonNode value, String expected) {
        if (value.isMissingNode()) {
            throw new GraderException(key + " is missing; give it");
        }
        throw new GraderException(key, shown(value), expected);
    }

    public static String shown(JsonNode value) {
        String text = value.toString();
        return text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
    }
}
