package org.reft4j.train.rollout;

import java.util.ArrayList;
import java.util.List;
import org.reft4j.model.SequenceClassifier.Passage;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.StepSplit;
import org.reft4j.train.ConfigException;

/**
 * Chains of thought as a reward model sees them: the question's prompt, then the chain, without an end-of-text token. Longer ones are cut
 * off.
 *
 * @param prompts the policy's prompts
 * @param labels the places at which a chain is judged
 * @param cot the rule by which chains are split into steps
 * @param maxTokens longest prompt and chain together
 */
public record Passages(Prompts prompts, RewardLabels labels, Cot cot, int maxTokens) {

    /**
     * A chain as tokens.
     *
     * @throws ConfigException if the prompt alone is too long
     */
    public Passage of(Question question, String chain) {
        Tokens prompt = prompts.prompt(question);
        int room = maxTokens - prompt.size();
        if (room <= 0) {
            throw new ConfigException("the prompt of question " + question.id() + " has " + prompt.size()
                    + " tokens, and a reward model is shown at most " + maxTokens
                    + "; raise max-tokens, or take a model of a longer context");
        }
        Tokens tokens = prompts.tokenizer().encode(chain);
        Tokens kept = tokens.size() <= room ? tokens : tokens.slice(0, room);
        return switch (labels) {
            case OUTCOME -> Passage.whole(prompt, kept);
            case PROCESS -> new Passage(prompt, kept, ends(chain, tokens, kept.size()));
        };
    }

    /** Behind how many tokens each step ends; steps that were cut are left out. */
    private List<Integer> ends(String chain, Tokens tokens, int kept) {
        List<Integer> ends = new ArrayList<>();
        int token = 0;
        for (StepSplit.Step step : StepSplit.of(cot).steps(chain)) {
            token = StepRewards.tokenAt(tokens, token, step.end(), prompts.tokenizer());
            if (token >= kept) {
                break;
            }
            ends.add(token + 1);
        }
        return ends;
    }
}
