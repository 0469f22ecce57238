package org.reft4j.server.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.chat.ChatOptions;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.DrawOptions;
import org.reft4j.model.generate.Sampler;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.model.generate.StopReason;
import org.reft4j.model.schema.Constraint;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.server.engine.SampleEvent.TokenText;
import org.reft4j.server.http.ApiError;
import org.reft4j.template.TemplateException;

/** A request on its way: from words to draws, and from tokens back to words. */
final class SampleTask {
    private final SampleRequest request;
    private final ModelTexts texts;
    private final Consumer<SampleEvent> events;
    private final Consumer<RuntimeException> failures;
    private final AtomicInteger unfinished;
    private volatile boolean left;

    SampleTask(
            SampleRequest request,
            ModelTexts texts,
            Consumer<SampleEvent> events,
            Consumer<RuntimeException> failures) {
        this.request = request;
        this.texts = texts;
        this.events = events;
        this.failures = failures;
        this.unfinished = new AtomicInteger(request.choices());
    }

    /** Nobody waits any more. */
    void leave() {
        left = true;
    }

    /**
     * Puts the request to an engine.
     *
     * @throws ApiError if it cannot be put into tokens, or is too long
     */
    void start(Engine engine) {
        Tokens prompt = prompt();
        requireRoom(prompt);
        Constraint.@Nullable State form = form();
        Seeds seeds = new Seeds(request.seed());
        List<Sampler.Draw> draws = new ArrayList<>();
        List<Voice> answers = new ArrayList<>();
        for (int choice = 0; choice < request.choices(); choice++) {
            DrawOptions options = new DrawOptions(
                    request.frequencyPenalty(),
                    request.presencePenalty(),
                    bias(),
                    Math.max(0, request.alternatives()),
                    request.promptScores() && choice == 0,
                    Set.copyOf(request.stopTokens()));
            draws.add(new Sampler.Draw(prompt, seeds.key(Seeds.Purpose.SAMPLE, choice), options, form));
            answers.add(new Voice(choice, prompt));
        }
        if (!request.promptScores()) {
            events.accept(read(prompt, List.of()));
        }
        engine.sample(request.model(), draws, config(), answers);
    }

    /** The form that completions keep to: that of a call where one is asked for, else the response format. */
    private Constraint.@Nullable State form() {
        JsonNode calls = request.prompt().calls();
        if (calls != null) {
            return texts.constraints().of(called().format(calls), "tools").start();
        }
        JsonNode format = request.format();
        return format == null
                ? null
                : texts.constraints().of(format, "response_format").start();
    }

    private CallForm called() {
        return CallForm.of(texts.tokenizer().chatTemplates().values())
                .orElseThrow(() -> ApiError.invalid(
                        "tool_choice",
                        "This model's chat template teaches no form of calls that a reply could be held to; send"
                                + " 'tool_choice' auto, or ask for arguments with 'response_format'."));
    }

    private SamplingConfig config() {
        int tokens = request.maxTokens() == 0 ? Integer.MAX_VALUE : request.maxTokens();
        return new SamplingConfig(
                request.temperature(),
                request.topK(),
                request.topP(),
                tokens,
                texts.sizes().contextLength(),
                request.stop(),
                false);
    }

    private Map<Integer, Double> bias() {
        int vocabulary = texts.sizes().vocabulary();
        request.bias().keySet().forEach(id -> {
            if (id < 0 || id >= vocabulary) {
                throw ApiError.invalid(
                        "logit_bias",
                        "logit_bias names token " + id + "; this model's tokens are 0 to " + (vocabulary - 1) + ".");
            }
        });
        return request.bias();
    }

    private Tokens prompt() {
        SampleRequest.Prompt prompt = request.prompt();
        JsonNode messages = prompt.messages();
        if (messages != null) {
            String opening = request.prompt().calls() == null ? "" : called().opening();
            return texts.tokenizer().encode(conversation(messages) + opening);
        }
        List<Integer> ids = prompt.tokens();
        if (ids != null) {
            int vocabulary = texts.sizes().vocabulary();
            for (int id : ids) {
                if (id < 0 || id >= vocabulary) {
                    throw ApiError.invalid(
                            "prompt",
                            "prompt holds token " + id + "; this model's tokens are 0 to " + (vocabulary - 1) + ".");
                }
            }
            return Tokens.of(ids.stream().mapToInt(id -> id).toArray());
        }
        String text = prompt.text();
        String suffix = prompt.suffix();
        String whole = text == null ? "" : text;
        Tokens encoded = texts.tokenizer().encode(suffix == null ? whole : middle().prompt(whole, suffix));
        return texts.tokenizer().beginning().concat(encoded);
    }

    private Middle middle() {
        return Middle.of(texts.tokenizer())
                .orElseThrow(() -> ApiError.invalid(
                        "suffix",
                        "'suffix' is for models that learned to write between two texts, which have tokens such as"
                                + " <|fim_prefix|>; this one has none."));
    }

    private String conversation(JsonNode messages) {
        ChatOptions options = ChatOptions.prompt().withTools(request.prompt().tools());
        for (Map.Entry<String, JsonNode> variable :
                new LinkedHashMap<>(request.prompt().variables()).entrySet()) {
            options = options.withVariable(variable.getKey(), variable.getValue());
        }
        try {
            return texts.template()
                    .orElseThrow(() -> ApiError.invalid(
                            "model",
                            "This model has no chat template; send its prompt to /v1/completions, or put a"
                                    + " chat_template.jinja into its folder."))
                    .render(messages, options);
        } catch (TemplateException e) {
            throw ApiError.invalid("messages", "The model's chat template refuses the messages: " + e.getMessage());
        }
    }

    private void requireRoom(Tokens prompt) {
        int context = texts.sizes().contextLength();
        if (prompt.isEmpty()) {
            throw ApiError.invalid("prompt", "The prompt is empty, and this model has no token to begin with.");
        }
        if (prompt.size() >= context) {
            throw new ApiError(
                    400,
                    "invalid_request_error",
                    request.prompt().messages() == null ? "prompt" : "messages",
                    "context_length_exceeded",
                    "This model's maximum context length is " + context + " tokens, and the prompt has " + prompt.size()
                            + "; shorten it.");
        }
    }

    private SampleEvent.Prompt read(Tokens prompt, List<TokenText> scores) {
        String written = request.prompt().text();
        return new SampleEvent.Prompt(
                ids(prompt),
                written == null ? texts.tokenizer().decode(prompt) : written,
                texts.tokenizer().piece(prompt.get(0)),
                scores);
    }

    private static List<Integer> ids(Tokens tokens) {
        return java.util.Arrays.stream(tokens.toArray()).boxed().toList();
    }

    private void fail(RuntimeException why) {
        if (!left) {
            left = true;
            failures.accept(why);
        }
    }

    /** One of the completions. */
    private final class Voice implements Answer {
        private final int choice;
        private final Tokens prompt;
        private final TextStream text;

        Voice(int choice, Tokens prompt) {
            this.choice = choice;
            this.prompt = prompt;
            this.text = new TextStream(texts.tokenizer(), request.stop());
        }

        @Override
        public boolean waits() {
            return !left;
        }

        @Override
        public void read(List<Scored> scores) {
            events.accept(SampleTask.this.read(
                    prompt, scores.stream().map(this::shown).toList()));
        }

        @Override
        public void sampled(Scored token) {
            if (!texts.ends().hold(token.token()) && !request.stopTokens().contains(token.token())) {
                tell(text.add(token.token(), shown(token)));
            }
        }

        private void tell(TextStream.Piece piece) {
            if (!piece.isEmpty()) {
                events.accept(new SampleEvent.Text(
                        choice, piece.text(), request.alternatives() < 0 ? List.of() : piece.tokens()));
            }
        }

        private TokenText shown(Scored token) {
            Tokenizer tokenizer = texts.tokenizer();
            List<TokenText> top = token.alternatives().stream()
                    .map(other ->
                            new TokenText(other.token(), tokenizer.piece(other.token()), other.logprob(), List.of()))
                    .toList();
            return new TokenText(token.token(), tokenizer.piece(token.token()), token.logprob(), top);
        }

        @Override
        public void finished(Completion completion) {
            tell(text.end());
            List<Double> logprobs = new ArrayList<>();
            for (float logprob : completion.logprobs()) {
                logprobs.add((double) logprob);
            }
            String reason = completion.stop() == StopReason.LENGTH ? "length" : "stop";
            events.accept(new SampleEvent.Finish(choice, reason, ids(completion.tokens()), logprobs));
            if (unfinished.decrementAndGet() == 0) {
                events.accept(new SampleEvent.End());
            }
        }

        @Override
        public void failed(RuntimeException why) {
            fail(why);
        }
    }
}
