package org.reft4j.train.rollout;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.StoredModel;
import org.reft4j.model.chat.ChatOptions;
import org.reft4j.model.chat.ChatTemplate;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.schema.Constraint;
import org.reft4j.model.schema.ResponseFormat;
import org.reft4j.model.schema.SchemaException;
import org.reft4j.model.schema.TokenTrie;
import org.reft4j.model.tokenizer.EndTokens;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Conversation;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.FewShotTemplate;
import org.reft4j.task.dataset.PromptTemplate;
import org.reft4j.task.dataset.Question;
import org.reft4j.train.ConfigException;

/**
 * Questions as token ids. Prompt and target are encoded separately and joined, as in the reference, so that the ids of a prompt do not
 * depend on what follows.
 *
 * <p>Where sampling starts inside a program, the head given to the model ends with a line break. Byte-level tokenizers merge that line
 * break with the indentation after it, and a model trained on the merged token has never seen the separate one. With these, the trailing
 * white space is left for the model to write; graders see the same text either way.
 */
public final class Prompts {
    private final Tokenizer tokenizer;
    private final PromptTemplate template;
    private final EndTokens ends;
    private final PromptForm form;
    /** Read with the first conversation: a model may have a faulty template that is never needed. */
    private @Nullable ChatTemplate chat;
    /** The form's response format for this model's tokens; made when it is first needed. */
    private @Nullable Constraint constraint;

    /** Questions by the data's template alone. */
    public Prompts(Tokenizer tokenizer, PromptTemplate template, int endOfText) {
        this(tokenizer, template, endOfText, PromptForm.PLAIN);
    }

    /**
     * @param template the data's template of a question
     * @param endOfText the token that training teaches after a plain answer; after a chat answer the template decides
     * @param form the prompt form
     * @throws ConfigException if the form wants a chat template and the model has none
     */
    public Prompts(Tokenizer tokenizer, PromptTemplate template, int endOfText, PromptForm form) {
        this.tokenizer = tokenizer;
        PromptTemplate worded = form.worded(template);
        this.template = form.examples().isEmpty() ? worded : new FewShotTemplate(worded, form.examples());
        this.form = form;
        EndTokens known = ChatTemplate.ends(tokenizer).writing(endOfText);
        if (form.chat()) {
            chat = template("prompt.chat is true");
            known = known.writing(chat.turnEnd(tokenizer).orElse(endOfText));
        }
        this.ends = known;
    }

    private synchronized @Nullable Constraint constraint() {
        ResponseFormat format = form.responseFormat();
        if (constraint == null && format != null) {
            constraint = constraint(format);
        }
        return constraint;
    }

    private Constraint constraint(ResponseFormat format) {
        if (template.cot() == Cot.PROGRAM && form.template() == null && !form.chat()) {
            throw new ConfigException(
                    "prompt.response-format is given, and completions are programs (cot: p), which are no JSON; choose cot: n");
        }
        try {
            return Constraint.of(format, TokenTrie.of(tokenizer, ends));
        } catch (SchemaException e) {
            throw new ConfigException("prompt.response-format: " + e.getMessage(), e);
        }
    }

    /**
     * The state from which a completion goes on under the response format; {@code null} without one.
     *
     * @param begun tokens of the completion that are given with the prompt
     * @throws ConfigException if completions are programs, or the model's tokens cannot write the format
     */
    public Constraint.@Nullable State from(Tokens begun) {
        Constraint held = constraint();
        return held == null ? null : held.after(begun);
    }

    /** The prompt of supervised training; of a conversation, everything before its last answer. Encoded as one text. */
    public Tokens prompt(Question question) {
        return begun(text(question), form.chat() || question.conversation() != null);
    }

    /**
     * A prompt's text as token ids, with the beginning-of-text token if there is one.
     *
     * @param chat true if a chat template wrote it
     */
    public Tokens begun(String text, boolean chat) {
        return form.beginning().before(tokenizer.encode(text), chat, tokenizer);
    }

    /** The text of {@link #prompt}, which is never made from its tokens. */
    public String text(Question question) {
        Conversation conversation = question.conversation();
        if (conversation == null) {
            return form.chat()
                    ? chat().render(form.messages(message(question)), ChatOptions.prompt())
                    : template.prompt(question);
        }
        if (!form.examples().isEmpty() || form.system() != null) {
            throw new ConfigException("question " + question.id()
                    + " is a conversation (messages), which says by itself how the model is asked; leave out prompt.few-shot,"
                    + " prompt.examples and prompt.system, or take a model that was trained without");
        }
        Conversation asked = conversation.question();
        return chat().render(asked.messages(), ChatOptions.prompt().withTools(asked.tools()));
    }

    /** The user message for a chat model. */
    private String message(Question question) {
        return form.template() == null ? question.text().strip() : template.prompt(question);
    }

    /** True if the question is one of the examples in the prompt, which are not asked in training. */
    public boolean shows(Question question) {
        return template instanceof FewShotTemplate fewShot && fewShot.shows(question);
    }

    /**
     * Refuses a limit that the examples alone exceed.
     *
     * @param key the configuration key of the limit
     * @param limit the limit in tokens
     */
    public void requireRoom(String key, int limit) {
        if (!form.examples().isEmpty()) {
            int taken = form.beginning()
                    .before(tokenizer.encode(form.examples()), false, tokenizer)
                    .size();
            ConfigException.check(
                    taken < limit,
                    key,
                    limit,
                    "more than the " + taken
                            + " tokens of the few-shot examples alone, which count with the prompt; raise it, or show fewer examples"
                            + " (prompt.few-shot)");
        }
    }

    /**
     * Refuses another model that was trained with another prompt form.
     *
     * @param other the model's place on disk; empty for a new one
     */
    public void requireSame(Optional<StoredModel> other) {
        other.map(StoredModel::path).ifPresent(path -> {
            if (!PromptForm.trained(path).orElse(form).equals(form)) {
                throw new ConfigException(path + " was trained with another prompt than the model that it samples for ("
                        + PromptForm.file(path) + "); begin both from models that are asked alike");
            }
        });
    }

    /**
     * The training rows of a question: none without a rationale; of a conversation, one for each of the assistant's turns.
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
                .map(turn -> new Row(form.beginning().before(turn.prompt(), true, tokenizer), turn.completion()))
                .toList();
    }

    /**
     * The same rows, for a model that learns them.
     *
     * @throws ConfigException also if one does not have the response format; the message names file and line
     */
    public List<Row> formatted(Question question) {
        List<Row> rows = rows(question);
        Constraint held = constraint();
        if (held != null) {
            for (Row row : rows) {
                String text = tokenizer.decode(row.completion()).stripTrailing();
                held.fault(text).ifPresent(at -> {
                    throw new ConfigException(
                            (question.place().isEmpty() ? "question " + question.id() : question.place())
                                    + ": the answer leaves prompt.response-format after " + at + " characters ("
                                    + excerpt(text, at) + "); correct the row, or the format");
                });
            }
        }
        return rows;
    }

    private static String excerpt(String text, int at) {
        int from = Math.max(0, at - 30);
        return (from > 0 ? "…" : "") + text.substring(from, at) + " ⟨here⟩ "
                + text.substring(at, Math.min(text.length(), at + 20));
    }

    private synchronized ChatTemplate chat() {
        if (chat == null) {
            chat = template("the data are conversations (messages)");
        }
        return chat;
    }

    /** @param reason why there must be one */
    private ChatTemplate template(String reason) {
        return ChatTemplate.of(tokenizer)
                .orElseThrow(() -> new ConfigException(reason + ", but the model has no chat template ("
                        + tokenizer.source()
                        + "); put its chat_template.jinja into its folder, or take a model that was tuned to chat"));
    }

    /** The target of supervised training, including the end-of-text token. */
    public Tokens target(Question question) {
        String rationale = question.rationale();
        // With a format, the annotated text is the whole answer.
        String text =
                form.responseFormat() != null && rationale != null ? rationale.strip() : template.target(question);
        return tokenizer.encode(text).append(endOfText());
    }

    /**
     * The start of a completion: prompt and head of the answer.
     *
     * @param tokens the prompt and the head of the answer
     * @param head the text after the prompt that the completion continues; may be empty
     * @param begun the last of the tokens, if they are the beginning of a chain of thought, to be decoded together with the completion;
     *     usually none
     */
    public record Start(Question question, Tokens tokens, String head, Tokens begun) {
        Start(Question question, Tokens tokens, String head) {
            this(question, tokens, head, Tokens.of());
        }
    }

    /**
     * The start of a completion that continues a chain of thought.
     *
     * @param prompt the prompt of the question
     * @param begun the beginning of the chain
     */
    public static Start goingOn(Question question, Tokens prompt, Tokens begun) {
        return new Start(question, prompt.concat(begun), "", begun);
    }

    public Start start(Question question) {
        String head = head(question);
        return new Start(question, prompt(question).concat(tokenizer.encode(head)), head);
    }

    /**
     * A completion with the text that a grader reads, which ends before a text that ends completions. The tokens are those that were
     * sampled, all of them: what is learned is what was done.
     *
     * @param sample its number among the completions of the same question, from 0
     */
    Rollout rollout(Start start, int sample, Completion completion) {
        String text = start.head() + form.cut(tokenizer.decode(start.begun().concat(completion.tokens())));
        return new Rollout(
                start.question(),
                sample,
                start.tokens(),
                completion,
                text,
                start.head().length());
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

    /** The prompt form. */
    public PromptForm form() {
        return form;
    }

    /** The token that training teaches after an answer. */
    public int endOfText() {
        return ends.written();
    }

    /** All tokens that end an answer. */
    public EndTokens ends() {
        return ends;
    }
}
