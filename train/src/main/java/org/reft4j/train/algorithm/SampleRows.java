package org.reft4j.train.algorithm;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.train.ConfigException;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.sample.ScoredSample;

/** Stored samples as token ids: the ids that were sampled; of a file's texts, what supervised training would teach. */
final class SampleRows {
    private final Prompts prompts;
    private final int maxTokens;
    private final Map<String, Prompts.Start> starts = new HashMap<>();

    SampleRows(Prompts prompts, int maxTokens) {
        this.prompts = prompts;
        this.maxTokens = maxTokens;
    }

    /** The longest row. */
    int maxTokens() {
        return maxTokens;
    }

    /**
     * A sample with its prompt; empty if it has no token or is too long.
     *
     * @throws ConfigException if its token ids do not say its text: they are of another tokenizer
     */
    Optional<Row> row(ScoredSample sample) {
        return whole(sample).filter(this::fits);
    }

    /** True if a row is within the length limit. */
    boolean fits(Row row) {
        return row.length() <= maxTokens;
    }

    /**
     * The same, however long.
     *
     * @throws ConfigException as {@link #row}
     */
    Optional<Row> whole(ScoredSample sample) {
        Tokens tokens = sample.tokens();
        if (tokens != null) {
            return sampled(sample, tokens);
        }
        if (sample.question().conversation() != null) {
            return Optional.of(prompts.rows(sample.question()).getLast());
        }
        Tokens target = prompts.tokenizer().encode(sample.text()).append(prompts.endOfText());
        return Optional.of(new Row(prompts.prompt(sample.question()), target));
    }

    private Optional<Row> sampled(ScoredSample sample, Tokens tokens) {
        Prompts.Start start = starts.computeIfAbsent(
                sample.question().id(), _ -> prompts.start(sample.question().withoutRationale()));
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i) < 0 || tokens.get(i) >= prompts.tokenizer().vocabularySize()) {
                throw otherTokenizer(sample);
            }
        }
        // A text that ends completions is among the tokens, and not in the text.
        String written = prompts.form().cut(prompts.tokenizer().decode(tokens));
        if (!sample.text().equals(start.head() + written)) {
            throw otherTokenizer(sample);
        }
        return tokens.isEmpty() ? Optional.empty() : Optional.of(new Row(start.tokens(), tokens));
    }

    private ConfigException otherTokenizer(ScoredSample sample) {
        return new ConfigException(sample.place() + ": its token ids do not say its text with the tokenizer of "
                + prompts.tokenizer().source() + "; sample again with the model that is trained");
    }

    /** Some of a question's samples in their order. */
    static <T> List<T> atMost(int count, List<T> all, int[] order) {
        return Arrays.stream(order).limit(count).sorted().mapToObj(all::get).toList();
    }
}
