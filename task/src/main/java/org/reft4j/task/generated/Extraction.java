package org.reft4j.task.generated;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.reft4j.ground.random.Seeds;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.ReftTemplate;

/**
 * The generated dataset {@code extraction}: the text of an order, a booking or an invoice, and which of its facts are wanted as JSON.
 * Grader {@code json_fields} pays each fact.
 *
 * <p>The skeleton is the facts without the person's name, and which are wanted.
 */
final class Extraction {
    static final String NAME = "extraction";

    private static final int MOST_FIELDS = 5;
    private static final LocalDate FIRST_DAY = LocalDate.of(2026, 1, 1);
    private static final int DAYS = 365;

    private static final List<String> SURNAMES =
            List.of("Bell", "Cole", "Dunn", "Ford", "Gray", "Hill", "Lane", "Moss", "Park", "Reed", "Shaw", "Wood");
    private static final List<String> CITIES =
            List.of("Rome", "Oslo", "Lima", "Cairo", "Paris", "Delhi", "Quito", "Riga", "Seoul", "Bonn");
    private static final List<String> ASIDES = List.of(
            "I have been waiting for {n} days.",
            "Our office has {n} people.",
            "Please call back on line {n}.",
            "This is message {n} about it.");

    private enum Kind {
        ORDER,
        BOOKING,
        INVOICE
    }

    /** Sentences of each kind; places in curly brackets are facts. */
    private static final Map<Kind, List<String>> TELLINGS = Map.of(
            Kind.ORDER,
            List.of(
                    "{customer} orders {quantity} {item} for {price} dollars each, to be sent to {city}.",
                    "Please send {quantity} {item} to {customer} in {city}. The price is {price} dollars each.",
                    "Hello, {customer} from {city} here. I would like {quantity} {item}, {price} dollars each."),
            Kind.BOOKING,
            List.of(
                    "A room in {city} for {guest}, please: {nights} nights from {date}, {people} people.",
                    "{guest} books for {people} people in {city}. They come on {date} and stay {nights} nights.",
                    "From {date} on, {guest} needs a room in {city}, for {nights} nights and {people} people."),
            Kind.INVOICE,
            List.of(
                    "Invoice {number} to {customer}: {amount} dollars for {item}, to be paid by {due}.",
                    "{customer} owes {amount} dollars for {item} until {due}. The invoice is number {number}.",
                    "By {due} we expect {amount} dollars from {customer} for {item}, invoice {number}."));

    private final List<Kind> kinds;
    private final int fields;
    private final double distractors;
    private final SplittableRandom random;

    private Extraction(GeneratedOptions options, long seed) {
        kinds = List.of(Kind.values()).subList(0, options.whole("kinds", 3, 1, 3));
        fields = options.whole("fields", 4, 1, MOST_FIELDS);
        distractors = options.share("distractors", 0.3);
        random = Seeds.stream(seed);
    }

    /** @throws DataException if the options are unknown or out of range */
    static Dataset dataset(DataConfig config) {
        GeneratedSplits.requireProse(config);
        GeneratedOptions options = new GeneratedOptions(config);
        GeneratedOptions.Sizes sizes = options.sizes();
        Extraction extraction = new Extraction(options, config.seed());
        options.requireNothingElse();
        GeneratedSplits.Parts parts = new GeneratedSplits(NAME, extraction::draw).deal(sizes);
        return new Dataset(
                NAME,
                new ReftTemplate(config.cot()),
                parts.train(),
                parts.validation(),
                parts.test(),
                GeneratedSplits.remarks(
                        config,
                        sizes,
                        "1 to " + extraction.fields + " facts of " + extraction.kinds.size()
                                + " kinds of text; no two questions differ in the person's name or the telling only"),
                // Correct is what has every fact right; less is still paid by part.
                JsonNodeFactory.instance.objectNode().put("type", "json_fields").put("pass_threshold", 1));
    }

    private GeneratedSplits.Draw draw() {
        Kind kind = Draws.one(kinds, random);
        Map<String, Object> facts = facts(kind);
        String text = Draws.one(TELLINGS.getOrDefault(kind, List.of()), random);
        for (Map.Entry<String, Object> fact : facts.entrySet()) {
            text = text.replace("{" + fact.getKey() + "}", fact.getValue().toString());
        }
        if (random.nextDouble() < distractors) {
            text += " " + Draws.one(ASIDES, random).replace("{n}", Integer.toString(random.nextInt(2, 30)));
        }
        List<String> drawn = Draws.some(List.copyOf(facts.keySet()), random.nextInt(1, fields + 1), random);
        List<String> wanted = facts.keySet().stream().filter(drawn::contains).toList();
        Map<String, Object> nameless = new LinkedHashMap<>(facts);
        nameless.remove("customer");
        nameless.remove("guest");
        String told = text;
        return new GeneratedSplits.Draw(kind + " " + nameless + wanted, id -> question(id, told, facts, wanted));
    }

    private Map<String, Object> facts(Kind kind) {
        Map<String, Object> facts = new LinkedHashMap<>();
        String person = Draws.people(1, random).getFirst() + " " + Draws.one(SURNAMES, random);
        String item = Draws.one(StoryBook.instance().things(), random).many();
        String date = FIRST_DAY.plusDays(random.nextInt(DAYS)).toString();
        switch (kind) {
            case ORDER -> {
                facts.put("customer", person);
                facts.put("item", item);
                facts.put("quantity", random.nextInt(2, 50));
                facts.put("price", random.nextInt(2, 100));
                facts.put("city", Draws.one(CITIES, random));
            }
            case BOOKING -> {
                facts.put("guest", person);
                facts.put("city", Draws.one(CITIES, random));
                facts.put("date", date);
                facts.put("nights", random.nextInt(2, 15));
                facts.put("people", random.nextInt(2, 9));
            }
            case INVOICE -> {
                facts.put("number", random.nextInt(100, 1000));
                facts.put("customer", person);
                facts.put("item", item);
                facts.put("amount", random.nextInt(10, 1000));
                facts.put("due", date);
            }
        }
        return facts;
    }

    private static Question question(String id, String text, Map<String, Object> facts, List<String> wanted) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        List<String> chain = new ArrayList<>();
        for (String field : wanted) {
            Object value = facts.getOrDefault(field, "");
            chain.add("The " + field + " is " + value + ".");
            if (value instanceof Integer number) {
                answer.put(field, number);
            } else {
                answer.put(field, value.toString());
            }
        }
        String asked = String.join(", ", wanted);
        return new Question(
                id,
                text + "\nGive as JSON: " + asked + ".",
                new Answer.Text(answer.toString()),
                String.join("\n", chain));
    }
}
