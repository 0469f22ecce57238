package org.reft4j.task.judge;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A model that judges: given messages, it replies with JSON of a form that the caller names. Implementations may be called from many
 * threads at once, return within the request's timeout and never throw for what a model does.
 */
@FunctionalInterface
public interface ChatModel {
    Reply ask(Request request);

    /**
     * Request to a model.
     *
     * @param messages at least one
     * @param schema JSON schema of the reply
     * @param schemaName a word for the schema, of letters and underscores
     * @param timeout for the whole request, failed attempts included
     */
    record Request(List<Message> messages, ObjectNode schema, String schemaName, Sampling sampling, Duration timeout) {
        public Request {
            messages = List.copyOf(messages);
        }
    }

    /**
     * A turn.
     *
     * @param role {@code system}, {@code user} or {@code assistant}
     */
    record Message(String role, String content) {}

    /**
     * Sampling settings; {@code null} leaves one to the model.
     *
     * @param temperature 0 for the most probable token
     * @param topP the share of probability that is kept
     * @param maxTokens of the reply, reasoning included
     * @param seed of the sampling
     * @param reasoningEffort such as {@code low}, for models that know of it
     */
    record Sampling(
            @Nullable Double temperature,
            @Nullable Double topP,
            @Nullable Long maxTokens,
            @Nullable Long seed,
            @Nullable String reasoningEffort) {}

    /**
     * Tokens read and written.
     *
     * @param prompt of the messages
     * @param completion of the reply, reasoning included
     * @param cached those of the messages that the service had read before
     */
    record Usage(long prompt, long completion, long cached) {
        public static final Usage NONE = new Usage(0, 0);

        /** Usage before anything was read. */
        public Usage(long prompt, long completion) {
            this(prompt, completion, 0);
        }

        public Usage plus(Usage other) {
            return new Usage(prompt + other.prompt, completion + other.completion, cached + other.cached);
        }
    }

    /** Outcome of a request to a model. */
    sealed interface Reply {
        /** Tokens that it cost. */
        Usage usage();

        /** Text that the model wrote; the caller checks if it is JSON. */
        record Text(String text, Usage usage) implements Reply {}

        /** The model would not. */
        record Refusal(String reason, Usage usage) implements Reply {}

        /** The reply ended at the limit of tokens. */
        record CutShort(Usage usage) implements Reply {}

        /** No reply within the timeout. */
        record Silent(String reason) implements Reply {
            @Override
            public Usage usage() {
                return Usage.NONE;
            }
        }

        /** The model could not be asked. */
        record Broken(String reason) implements Reply {
            @Override
            public Usage usage() {
                return Usage.NONE;
            }
        }
    }
}
