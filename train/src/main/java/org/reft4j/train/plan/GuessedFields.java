package org.reft4j.train.plan;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Names that rows usually have for what is read, looked for where a row does not use the program's own. */
public final class GuessedFields {
    private static final List<String> QUESTIONS =
            List.of("prompt", "instruction", "problem", "query", "input", "task", "text", "user");
    private static final List<String> ANSWERS = List.of(
            "target",
            "final_answer",
            "reference_answer",
            "ground_truth",
            "groundtruth",
            "expected",
            "expected_answer",
            "expected_output",
            "reference",
            "label",
            "correct_answer",
            "gold",
            "response",
            "completion",
            "output",
            "solution",
            "result",
            "answers");
    private static final List<String> RATIONALES =
            List.of("reasoning", "chain_of_thought", "cot", "explanation", "thought", "thinking", "solution", "steps");
    private static final List<String> IDS =
            List.of("uid", "uuid", "_id", "item_id", "question_id", "qid", "idx", "index");
    private static final List<String> CHATS = List.of("conversation", "conversations", "chat", "dialog", "dialogue");

    /** A field with one of these belongs to a published format, whose names are known. */
    private static final List<String> PUBLISHED = List.of("item_id", "Body", "Problem", "options");

    private GuessedFields() {}

    /**
     * Names of the fields as given by the user or guessed, by the name that the reader uses.
     *
     * @param names the names of a row's fields
     * @param given fields named by the user; these are not guessed
     */
    public static Map<String, String> of(List<String> names, Map<String, String> given) {
        Map<String, String> fields = new TreeMap<>(given);
        boolean published = given.isEmpty() && names.stream().anyMatch(PUBLISHED::contains);
        if (published) {
            return fields;
        }
        boolean asked = has("question", names, fields) || has("messages", names, fields);
        if (!asked) {
            guess("question", QUESTIONS, names, fields);
        }
        if (!asked && !fields.containsKey("question")) {
            guess("messages", CHATS, names, fields);
        }
        guess("answer", ANSWERS, names, fields);
        guess("rationale", RATIONALES, names, fields);
        guess("id", IDS, names, fields);
        return fields;
    }

    private static boolean has(String read, List<String> names, Map<String, String> fields) {
        return names.contains(read) || fields.containsKey(read);
    }

    private static void guess(String read, List<String> usual, List<String> names, Map<String, String> fields) {
        if (has(read, names, fields)) {
            return;
        }
        usual.stream()
                .flatMap(word -> names.stream()
                        .filter(name ->
                                name.toLowerCase(Locale.ROOT).replace('-', '_').equals(word)))
                .filter(name -> !fields.containsValue(name))
                .findFirst()
                .ifPresent(name -> fields.put(read, name));
    }
}
