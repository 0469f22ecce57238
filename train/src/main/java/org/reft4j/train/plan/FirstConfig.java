package org.reft4j.train.plan;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.SplitSource;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.run.Results;

/**
 * The text of a first configuration: the keys that matter, each with a comment that says why it has its value.
 *
 * @param name the name of the run
 * @param data the data, and the names of their fields
 * @param facts the facts that the values are chosen by
 * @param model a path or a name; empty for none
 * @param grader a grader's file; empty to choose one that suits the answers
 * @param file the file that the text is for, named in its first lines
 */
public record FirstConfig(
        String name, DataConfig data, DataFacts facts, Optional<String> model, Optional<Path> grader, String file) {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./][A-Za-z0-9_./-]*");

    /** A small chat model for those who name none. */
    private static final String SUGGESTED = "HuggingFaceTB/SmolLM2-135M-Instruct";

    /** Tokens that a model may write where no annotation shows how much it takes. */
    private static final int UNKNOWN_COMPLETION = 256;

    private static final int SHORT_ANSWER = 5;
    private static final int SEED = 42;

    /** Tells whether there are chains of thought to begin with. */
    public boolean warmsUp() {
        return facts.annotated() > 0;
    }

    public String warmUpName() {
        return name + "-warmup";
    }

    /** A new model knows no chat template, and nothing that answers alone could bring out. */
    private boolean fresh() {
        return model.isEmpty() && warmsUp() && !facts.conversations();
    }

    /** A line on what was chosen. */
    public String summary() {
        String found = String.format(
                Locale.ROOT,
                "%d questions to train on, %d with a chain of thought (%s); ",
                facts.train(),
                facts.annotated(),
                data.cot() == Cot.PROGRAM ? "programs" : "prose");
        return found
                + (warmsUp()
                        ? "first a supervised warm-up, then reinforced fine-tuning"
                        : "answers alone: reinforcement of the model as it is (grpo)");
    }

    /** The supervised warm-up. */
    public String warmUp() {
        boolean fresh = fresh();
        int batch = Math.min(fresh ? 8 : 16, Math.max(1, facts.annotated()));
        StringBuilder text = new StringBuilder("# Supervised warm-up on the ")
                .append(facts.annotated())
                .append(" questions with a chain of thought. Afterwards: reft train ")
                .append(Path.of(file).getFileName())
                .append('\n');
        text.append("recipe: sft\n");
        line(text, "name: " + warmUpName(), "the folder runs/" + warmUpName());
        text.append("seed: ").append(SEED).append('\n');
        begin(text);
        dataSection(text);
        graderSection(text);
        line(text, "batch: " + batch, "questions in one update");
        line(text, "epochs: " + (fresh ? 30 : 3), "passes over them; fewer if validation stops rising");
        line(
                text,
                "max-tokens: " + total(),
                "question and answer together; the longest has " + (facts.promptTokens() + facts.targetTokens())
                        + counted());
        text.append("optimizer:\n");
        line(
                text,
                "  learning-rate: " + (fresh ? "3e-3" : facts.small() ? "5e-5" : "1e-5"),
                fresh ? "a new model learns fast" : "lower if it forgets what it knew");
        evaluation(text, 0);
        return text.toString();
    }

    /** The reinforcement. */
    public String reinforcement() {
        boolean fresh = fresh();
        boolean ppo = warmsUp();
        int questions = Math.max(1, Integer.highestOneBit(Math.min(ppo ? 32 : 16, Math.max(1, facts.train()))));
        int samples = ppo ? 4 : 8;
        int steps = Math.clamp(2L * facts.train() / questions, 20, 300);
        StringBuilder text = new StringBuilder("# ")
                .append(
                        ppo
                                ? "Reinforced fine-tuning after " + warmUpName() + ".yaml"
                                : "Reinforcement of a model by answers alone")
                .append(". All keys: docs/reference/config.md\n");
        text.append("recipe: ").append(ppo ? "reft" : "grpo").append('\n');
        line(text, "name: " + name, "the folder runs/" + name);
        text.append("seed: ").append(SEED).append('\n');
        if (ppo) {
            text.append("model:\n");
            line(text, "  path: runs/" + warmUpName(), "the run of the warm-up, its best checkpoint");
        } else {
            begin(text);
        }
        dataSection(text);
        graderSection(text);
        line(text, "steps: " + steps, "each step asks questions, grades the answers and learns from them");
        text.append("rollout:\n");
        line(text, "  questions: " + questions, "asked in a step");
        line(text, "  samples: " + samples, "answers to each of them; more show better which are good");
        line(
                text,
                "  max-prompt-tokens: " + promptLimit(),
                "the longest question has " + facts.promptTokens() + counted());
        line(
                text,
                "  max-total-tokens: " + total(),
                warmsUp()
                        ? "question and answer together; the longest answer to learn from has " + facts.targetTokens()
                        : "leaves " + (total() - promptLimit()) + " for an answer: raise it if answers are cut off");
        if (ppo) {
            text.append("ppo:\n");
            line(
                    text,
                    "  minibatch: " + Math.min(64, questions * samples),
                    "answers in one update; divides questions x samples");
            line(text, "  kl: " + (fresh ? "0.02" : "0.01"), "how strongly it is held to the warm-up");
            line(text, "value-head: zero", "the critic starts from nothing");
        }
        text.append("optimizer:\n");
        line(text, "  learning-rate: " + rate(fresh, ppo), "halve it if the reward collapses");
        evaluation(text, Math.max(5, steps / 10));
        line(text, "checkpoint-every: 10m", "what a killed run loses at most: a time, or a number of steps");
        return text.toString();
    }

    private String rate(boolean fresh, boolean ppo) {
        if (fresh && ppo) {
            return "4e-4";
        }
        return ppo ? (facts.small() ? "3e-6" : "1e-6") : facts.small() ? "1e-5" : "1e-6";
    }

    private void begin(StringBuilder text) {
        text.append("model:\n");
        if (model.isPresent()) {
            line(text, "  path: " + quoted(model.get()), "a folder, a GGUF file, a run, or a name on the hub");
        } else if (warmsUp()) {
            text.append(
                    "  # No model was named: a small new one, which learns these questions and knows nothing else.\n");
            text.append("  # path: ").append(SUGGESTED).append("\n");
            text.append(
                            "  new: {layers: 3, width: 96, heads: 3, key-value-heads: 3, feed-forward: 256, context-length: ")
                    .append(total() + 16)
                    .append("}\n");
        } else {
            line(text, "  path: " + SUGGESTED, "none was named; a folder, a GGUF file, or a name on the hub");
        }
    }

    private void dataSection(StringBuilder text) {
        text.append("data:\n");
        line(
                text,
                "  path: " + quoted(String.valueOf(data.path())),
                "from the folder that reft is called in, or this file's");
        line(text, "  cot: " + data.cot().letter(), "answers reason in prose (n) or as programs (p)");
        Map<String, String> fields = data.fields();
        if (fields != null) {
            line(text, "  fields:", "what the rows call them; check that this is right");
            new TreeMap<>(fields)
                    .forEach((read, field) -> text.append("    ")
                            .append(read)
                            .append(": ")
                            .append(quoted(field))
                            .append('\n'));
        }
        if (data.validationSource() instanceof SplitSource.File(String path)) {
            line(text, "  validation: " + quoted(path), "chooses the best checkpoint; never trained on");
        } else {
            line(
                    text,
                    "  validation: " + share(),
                    "held out to choose the best checkpoint; a share or a number, or a file");
        }
        if (data.testSource() instanceof SplitSource.File(String path)) {
            line(text, "  test: " + quoted(path), "for reft evaluate, at the very end");
        }
    }

    /** Enough to tell checkpoints apart, and no more than measuring is worth. */
    private String share() {
        int all = facts.train() + facts.data().validation().size();
        return all < 100 ? "0.2" : all <= 2000 ? "0.1" : "200";
    }

    private void evaluation(StringBuilder text, int every) {
        text.append("evaluate:\n");
        line(
                text,
                "  every: " + every,
                every == 0 ? "at the end alone" : "steps between measurements on validation questions");
        line(text, "  max-total-tokens: " + total(), "as in training");
    }

    private int context() {
        return facts.context().orElse(Integer.MAX_VALUE);
    }

    /** Room for the longest question, as far as the model has it. */
    private int promptLimit() {
        return Math.min(up(facts.promptTokens() + 8), context() - Math.min(answerRoom(), context() / 2));
    }

    private int answerRoom() {
        return facts.targetTokens() == 0 ? UNKNOWN_COMPLETION : facts.targetTokens() + facts.targetTokens() / 4 + 16;
    }

    private int total() {
        return Math.min(up(promptLimit() + answerRoom()), context());
    }

    private static int up(int tokens) {
        return (tokens + 15) / 16 * 16;
    }

    private String counted() {
        return facts.counted() ? " tokens" : " tokens, about: the model is not on this machine yet";
    }

    /** None where a warm-up teaches the form in which answers are read and compared. */
    private void graderSection(StringBuilder text) {
        if (grader.isPresent()) {
            line(text, "grader: " + quoted(grader.get().toString()), "judges every answer; try it: reft grader check");
            return;
        }
        List<Question> questions = facts.data().train();
        if (facts.answers().none() > 0) {
            reference(text, otherField(questions), "right is what holds this field's text; make it yours");
        } else if (facts.answers().texts() * 2
                <= facts.answers().numbers() + facts.answers().letters()) {
            if (!warmsUp()) {
                line(text, "grader: {type: math}", "reads the number or letter out of whatever is written");
            }
        } else if (facts.answers().oneNumber().size() * 2 > facts.answers().texts()) {
            line(text, "grader: {type: math}", "most answers are a number with words: compared as numbers");
        } else if (words(questions) <= SHORT_ANSWER) {
            reference(
                    text, "answer", "right is what holds the answer, whatever the case; a text that lists all is too");
        } else {
            line(text, "grader:", "answers are long texts: paid by likeness");
            text.append(
                    "  type: text_similarity\n  input: \"{{ sample.output_text }}\"\n  reference: \"{{ item.answer }}\"\n");
            text.append("  evaluation_metric: rouge_l\n  pass_threshold: 0.7\n");
        }
    }

    private static void reference(StringBuilder text, String field, String comment) {
        line(text, "grader:", comment);
        text.append("  type: string_check\n  name: right\n  input: \"{{ sample.output_text }}\"\n")
                .append("  reference: \"{{ item.")
                .append(field)
                .append(" }}\"\n  operation: ilike\n");
    }

    /** A field that a grader may read, where there is no answer. */
    private static String otherField(List<Question> questions) {
        List<String> own = List.of("item_id", "id", "question", "messages", "tools", "response_format");
        return questions.getFirst().item().properties().stream()
                .filter(field ->
                        !own.contains(field.getKey()) && field.getValue().isValueNode())
                .map(Map.Entry::getKey)
                .filter(field -> field.matches("\\w+"))
                .findFirst()
                .orElseThrow(() ->
                        new ConfigException("the rows have neither an answer nor another text or number to compare"
                                + " with; describe what is right in a grader's file and give that (docs/graders)"));
    }

    /** The median number of words of the answers. */
    private static int words(List<Question> questions) {
        int[] counts = questions.stream()
                .filter(question -> question.answer() instanceof Answer.Text)
                .mapToInt(question -> question.answer().raw().strip().split("\\s+").length)
                .sorted()
                .toArray();
        return counts.length == 0 ? 0 : counts[counts.length / 2];
    }

    private static void line(StringBuilder text, String key, @Nullable String comment) {
        text.append(String.format(Locale.ROOT, "%-50s # %s\n", key, comment));
    }

    /** As YAML reads it as that very text. */
    private static String quoted(String text) {
        boolean plain = PLAIN.matcher(text).matches()
                && !text.matches("[0-9._-]+|(?i:true|false|null|yes|no|on|off|y|n)|\\.(?i:inf|nan)");
        return plain
                ? text
                : "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }

    /** Writes a configuration. Only what a run would accept takes the file's place. */
    public static void write(Path file, String text) {
        Path draft = file.resolveSibling("." + file.getFileName() + ".draft");
        try {
            Results.write(draft, text);
            TrainingPlan.of(ConfigFile.explain(draft, List.of()));
            Results.write(file, text);
        } finally {
            delete(draft);
        }
    }

    private static void delete(Path draft) {
        try {
            Files.deleteIfExists(draft);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + draft, e);
        }
    }
}
