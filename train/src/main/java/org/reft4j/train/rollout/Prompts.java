package org.reft4j.train.rollout;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.chat.ChatOptions;
import org.reft4j.model.chat.ChatTemplate;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Conversation;
import org.reft4j.task.dataset.PromptTemplate;
import org.reft4j.task.dataset.Question;
import org.reft4j.train.ConfigException;

/**
 * Questions as token ids. Prompt and target are encoded apart and joined, as the reference does, so that the ids of a
 * prompt do not depend on what follows.
 *
 * <p>Where sampling starts inside a program, the head given to the model ends with a line break. Byte-level tokenizers join that line
 * break with the indentation behind it, and a model that was taught the joined token has never seen the lone one. There the trailing
 * white space is left for the model to write; graders see the same text either way.
 */
public final class Prompts {
    private final Tokenizer tokenizer;
    private final PromptTemplate template;
    private final int endOfText;
    /** Read when the first conversation comes: a model may have a faulty one that nobody needs. */
    private @Nullable ChatTemplate chat;

    public Prompts(Tokenizer tokenizer, PromptTemplate template, int endOfText) {
        this.tokenizer = tokenizer;
        this.template = template;
        this.endOfText = endOfText;
    }

    /** What supervised training starts from; of a conversation, what its last answer starts from. */
    public Tokens prompt(Question question) {
        Conversation conversation = question.conversation();
        if (conversation == null) {
            return tokenizer.encode(template.prompt(question));
        }
        Conversation asked = conversation.question();
        return tokenizer.encode(
                chat().render(asked.messages(), ChatOptions.prompt().withTools(asked.tools())));
    }

    /**
     * What supervised training learns from a question: nothing without a rationale; of a conversation, each of the assistant's turns.
     *
     * @throws ConfigException if it is a conversation and the model has no chat template
     */
    public List<Row> rows(Question question) {
        Conversation conversation = question.conversation();
        if (question.targets() == 0) {
            return List.of();
        }
        if (conversation == null) {
            return List.of(new Row(prompt(question), target(question)));
        }
        ChatOptions options = ChatOptions.prompt().withTools(conversation.tools());
        return chat().turns(conversation.messages(), options, tokenizer).stream()
                .map(turn -> new Row(turn.prompt(), turn.completion()))
                .toList();
    }

    private synchronized ChatTemplate chat() {
        if (chat == null) {
            chat = ChatTemplate.of(tokenizer)
                    .orElseThrow(
                            () -> new ConfigException(
                                    "the data are conversations (messages), but the model has no chat template ("
                                            + tokenizer.source()
                                            + "); put its chat_template.jinja into its folder, or take a model that was tuned to chat"));
        }
        return chat;
    }

    /** What supervised training teaches, the end-of-text token included. */
    public Tokens target(Question question) {
        return tokenizer.encode(template.target(question)).append(endOfText);
    }

    /**
     * What sampling starts from.
     *
     * @param tokens the prompt and the head of the answer
     * @param head the text behind the prompt that a completion continues, possibly empty
     */
    public record Start(Question question, Tokens tokens, String head) {}

    public Start start(Question question) {
        String head = head(question);
        return new Start(question, prompt(question).concat(tokenizer.encode(head)), head);
    }

    /**
     * A completion with the text that a grader reads.
     *
     * @param sample its number among the completions of the same question, from 0
     */
    public Rollout rollout(Start start, int sample, Completion completion) {
        String text = start.head() + tokenizer.decode(completion.tokens());
        return new Rollout(start.question(), sample, start.tokens(), completion, text);
    }

    private String head(Question question) {
        String head = question.conversation() == null ? template.header(question) : "";
        String bare = head.stripTrailing();
        if (bare.length() == head.length()) {
            return head;
        }
        Tokens apart = tokenizer.encode(head);
        Tokens joined = tokenizer.encode(head + "    x");
        boolean prefix =
                joined.size() >= apart.size() && joined.slice(0, apart.size()).equals(apart);
        return prefix ? head : bare;
    }

    public Tokenizer tokenizer() {
        return tokenizer;
    }

    public int endOfText() {
        return endOfText;
    }
}
