package org.reft4j.train.measure;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.reft4j.ground.files.Json;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.chat.ChatOptions;
import org.reft4j.model.chat.ChatTemplate;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.Sampler;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.model.generate.StopReason;
import org.reft4j.model.tokenizer.EndTokens;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.judge.ChatModel;
import org.reft4j.train.ConfigException;
import org.reft4j.train.learn.Sampling;

/**
 * A model of this process that judges. The prompt describes the form of the reply, but decoding does not enforce it: the first JSON object
 * in the reply counts. Answers one request after the other. Owns neither decoder nor tokenizer.
 */
public final class LocalJudge implements ChatModel {
    private static final int LONGEST_REPLY = 512;

    private final Decoder decoder;
    private final Tokenizer tokenizer;
    private final ChatTemplate template;
    private final EndTokens ends;
    private final Lock turn = new ReentrantLock();

    /** @throws ConfigException if the model has no chat template or names no end of text */
    public LocalJudge(Decoder decoder, Tokenizer tokenizer) {
        this.decoder = decoder;
        this.tokenizer = tokenizer;
        this.template = ChatTemplate.of(tokenizer)
                .orElseThrow(() -> new ConfigException(tokenizer.source()
                        + " has no chat template; a model that judges must be one that was tuned to chat"));
        this.ends = ChatTemplate.ends(tokenizer);
        if (ends.all().isEmpty()) {
            throw new ConfigException(tokenizer.source() + " names no end-of-text token");
        }
    }

    @Override
    public Reply ask(Request request) {
        turn.lock();
        try {
            return reply(request);
        } finally {
            turn.unlock();
        }
    }

    private Reply reply(Request request) {
        Tokens prompt = tokenizer.encode(template.render(messages(request), ChatOptions.prompt()));
        Sampling sampling = request.sampling();
        int room = decoder.contextLength() - prompt.size();
        if (room <= 0) {
            return new Reply.Broken("the messages are longer than the judging model's context of "
                    + decoder.contextLength() + " tokens");
        }
        long wanted = Objects.requireNonNullElse(sampling.maxTokens(), (long) LONGEST_REPLY);
        double temperature = Objects.requireNonNullElse(sampling.temperature(), 0.0);
        SamplingConfig config = (temperature == 0
                        ? SamplingConfig.greedy(decoder.contextLength())
                        : SamplingConfig.sampling(
                                temperature,
                                0,
                                Objects.requireNonNullElse(sampling.topP(), 1.0),
                                decoder.contextLength()))
                .withMaxTokens((int) Math.min(room, wanted));
        long key = Seeds.first(Objects.requireNonNullElse(sampling.seed(), 0L));
        long deadline = System.nanoTime() + request.timeout().toNanos();
        try {
            Completion completion = new Sampler(decoder, ends, 1)
                    .sample(List.of(new Sampler.Draw(prompt, key)), config, _ -> check(deadline))
                    .getFirst();
            Usage usage = new Usage(prompt.size(), completion.tokens().size());
            String text = tokenizer.decode(completion.tokens());
            return completion.stop() == StopReason.LENGTH
                    ? new Reply.CutShort(usage)
                    : new Reply.Text(firstObject(text), usage);
        } catch (TooLateException e) {
            return new Reply.Silent("the judging model did not answer within "
                    + request.timeout().toSeconds() + " s");
        }
    }

    private static ArrayNode messages(Request request) {
        ArrayNode messages = JsonNodeFactory.instance.arrayNode();
        String form =
                "\n\nReply with one JSON object and nothing else. It must fit this JSON schema: " + request.schema();
        for (Message message : request.messages()) {
            boolean last = messages.size() + 1 == request.messages().size();
            messages.addObject().put("role", message.role()).put("content", message.content() + (last ? form : ""));
        }
        return messages;
    }

    private static void check(long deadline) {
        if (System.nanoTime() > deadline) {
            throw new TooLateException();
        }
    }

    /** The first object that can be read, or all of the text. */
    static String firstObject(String text) {
        for (int at = text.indexOf('{'); at >= 0; at = text.indexOf('{', at + 1)) {
            try (var parser = Json.PLAIN.createParser(text.substring(at))) {
                return String.valueOf((Object) Json.PLAIN.readTree(parser));
            } catch (JsonProcessingException e) {
                // The next brace may begin an object.
            } catch (java.io.IOException e) {
                throw new IllegalStateException("a text in memory could not be read", e);
            }
        }
        return text;
    }

    /** The request's time is over. */
    private static final class TooLateException extends RuntimeException {
        private static final long serialVersionUID = 1;
    }
}
