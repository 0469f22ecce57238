package org.reft4j.server.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.KeptRollout.TokenTrace;
import org.reft4j.train.run.RolloutQuery;

/**
 * A rollout, with its tokens where they were traced.
 *
 * @param colour the figure that tokens are coloured by
 * @param tokens empty without a trace
 */
record RolloutPage(
        Work work,
        KeptRollout rollout,
        Colour colour,
        List<Token> tokens,
        Optional<String> before,
        Optional<String> after) {
    private static final int LEVELS = 9;

    /** A figure that tokens can be coloured by. */
    enum Colour {
        PROBABILITY("probability", "Darker: less probable, the model was surprised by itself."),
        ADVANTAGE("advantage", "Blue: better than expected, made more probable. Red: worse, made less probable."),
        VALUE("value", "Darker: the critic expected a higher reward from here on."),
        KL("KL", "Blue: more probable than under the reference. Red: less probable.");

        private final String words;
        private final String legend;

        Colour(String words, String legend) {
            this.words = words;
            this.legend = legend;
        }

        String words() {
            return words;
        }

        String legend() {
            return legend;
        }

        private double of(TokenTrace token) {
            return switch (this) {
                case PROBABILITY -> -token.logprob();
                case ADVANTAGE -> token.advantage();
                case VALUE -> token.value();
                case KL -> token.logprob() - token.referenceLogprob();
            };
        }

        private boolean diverging() {
            return this == ADVANTAGE || this == KL;
        }
    }

    /**
     * A token.
     *
     * @param style its shade in the style sheet
     * @param facts all its figures in words
     */
    record Token(String text, String style, String facts) {}

    static RolloutPage of(Work work, Snapshot run, Call call) {
        List<KeptRollout> group = group(run, call);
        int sample = number(call, "sample");
        int at = 0;
        while (at < group.size() && group.get(at).sample() != sample) {
            at++;
        }
        if (at == group.size()) {
            throw missing();
        }
        KeptRollout found = group.get(at);
        Colour colour = call.query("colour").map(RolloutPage::colour).orElse(Colour.PROBABILITY);
        return new RolloutPage(
                work,
                found,
                colour,
                tokens(found, colour),
                at == 0 ? Optional.empty() : Optional.of(address(work.id(), group.get(at - 1))),
                at == group.size() - 1 ? Optional.empty() : Optional.of(address(work.id(), group.get(at + 1))));
    }

    private static Colour colour(String name) {
        for (Colour colour : Colour.values()) {
            if (colour.name().equals(name)) {
                return colour;
            }
        }
        throw ApiError.invalid("colour", "Tokens have no figure of this name.");
    }

    /** All completions of one question in one step. */
    static List<KeptRollout> group(Snapshot run, Call call) {
        String question = call.query("question").orElseThrow(RolloutPage::missing);
        int step = number(call, "step");
        List<KeptRollout> group =
                run.run().rollouts(RolloutQuery.ALL.steps(step, step).ofQuestion(question));
        if (group.isEmpty()) {
            throw missing();
        }
        return group;
    }

    private static int number(Call call, String name) {
        try {
            return Integer.parseInt(call.query(name).orElse(""));
        } catch (NumberFormatException _) {
            throw ApiError.invalid(name, "The address names no " + name + ".");
        }
    }

    static ApiError missing() {
        return ApiError.missing(
                null,
                null,
                "There is no such rollout in this run. A run that goes on from a checkpoint forgets what came after it.");
    }

    private static String place(String work, KeptRollout rollout) {
        return "/jobs/" + Text.segment(work) + "/%s?step=" + rollout.step() + "&question="
                + Text.encoded(rollout.questionId());
    }

    static String address(String work, KeptRollout rollout) {
        return place(work, rollout).replaceFirst("%s", "rollout") + "&sample=" + rollout.sample();
    }

    static String groupAddress(String work, KeptRollout rollout) {
        return place(work, rollout).replaceFirst("%s", "group");
    }

    static String questionAddress(String work, String question) {
        return "/jobs/" + Text.segment(work) + "/question?question=" + Text.encoded(question);
    }

    private static List<Token> tokens(KeptRollout rollout, Colour colour) {
        List<TokenTrace> trace = rollout.trace();
        if (trace == null) {
            return List.of();
        }
        double low = trace.stream()
                .mapToDouble(colour::of)
                .filter(Double::isFinite)
                .min()
                .orElse(0);
        double high = trace.stream()
                .mapToDouble(colour::of)
                .filter(Double::isFinite)
                .max()
                .orElse(0);
        List<Token> tokens = new ArrayList<>();
        for (TokenTrace token : trace) {
            tokens.add(new Token(
                    token.piece().replace("\n", "↵\n"),
                    style(colour, colour.of(token), low, high),
                    "probability " + Text.number(Math.exp(token.logprob())) + ", advantage "
                            + Text.number(token.advantage()) + ", value " + Text.number(token.value())
                            + ", log-ratio to the reference "
                            + Text.number(token.logprob() - token.referenceLogprob())));
        }
        return tokens;
    }

    private static String style(Colour colour, double value, double low, double high) {
        if (!Double.isFinite(value)) {
            return "t0";
        }
        if (colour.diverging()) {
            double reach = Math.max(Math.abs(low), Math.abs(high));
            long level = reach == 0 ? 0 : Math.round(LEVELS * Math.abs(value) / reach);
            return level == 0 ? "t0" : (value > 0 ? "up" : "down") + level;
        }
        return high == low ? "t0" : "t" + Math.round(LEVELS * (value - low) / (high - low));
    }
}
