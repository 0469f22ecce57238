package org.reft4j.model.schema;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.tokenizer.EndTokens;
import org.reft4j.model.tokenizer.TokenSet;
import org.reft4j.model.tokenizer.Tokens;

/**
 * A response format made ready for a model's tokens: at each place of a completion it says which of them may follow. Whatever it lets begin
 * can be ended, and the end tokens are allowed exactly where a value is complete. States and their sets of tokens are made when they are first
 * met and kept. Safe for many threads.
 */
public final class Constraint {
    /** States and ints of token sets that are kept; a completion that begins beyond that begins with none. */
    private static final int MOST_STATES = 30_000;

    private static final int MOST_INTS = 16 << 20;

    private final Network network;
    private final int rule;
    private final TokenTrie trie;
    private @Nullable Kept kept;

    private Constraint(SchemaCompiler.Compiled compiled, TokenTrie trie) {
        this.network = compiled.network();
        this.rule = compiled.rule();
        this.trie = trie;
    }

    /**
     * @throws SchemaException if the schema asks for something that cannot be held while sampling, if its values cannot be written with
     *     these tokens, or if no token ends a completion
     */
    public static Constraint of(ResponseFormat format, TokenTrie trie) {
        if (trie.ends().all().isEmpty()) {
            throw new SchemaException("the model has no token that ends a text, which a response format needs");
        }
        return new Constraint(SchemaCompiler.compile(format.schema(), trie.alphabet()), trie);
    }

    /** A format to check texts against, whatever tokens they were written with. */
    public static Constraint ofTexts(ResponseFormat format) {
        byte[][] bytes = new byte[0x101][0];
        for (int value = 0; value < 0x100; value++) {
            bytes[value] = new byte[] {(byte) value};
        }
        return of(format, new TokenTrie(bytes, EndTokens.of(0x100)));
    }

    /** The tokens that end a completion. */
    public EndTokens ends() {
        return trie.ends();
    }

    /** The state of an empty completion. */
    public synchronized State start() {
        Kept known = kept;
        if (known == null || known.isFull()) {
            known = new Kept();
            kept = known;
        }
        return known.start();
    }

    /**
     * Checks a text that was written elsewhere.
     *
     * @return the first characters' number after which it leaves the format, all of them if something is missing; empty if it fits
     */
    public OptionalInt fault(String text) {
        State state = start();
        for (int at = 0; at < text.length(); ) {
            int next = text.offsetByCodePoints(at, 1);
            for (byte each : text.substring(at, next).getBytes(StandardCharsets.UTF_8)) {
                state = state.step(each & 0xFF);
            }
            if (state.isDead()) {
                return OptionalInt.of(at);
            }
            at = next;
        }
        return state.isComplete() ? OptionalInt.empty() : OptionalInt.of(text.length());
    }

    /** The state after tokens that are given with the prompt. */
    public State after(Tokens begun) {
        State state = start();
        for (int id : begun.toArray()) {
            state = state.next(id);
        }
        return state;
    }

    /** A place to go on from when the called rule has ended. */
    private record Frame(int state, @Nullable Frame below, int hash) {
        Frame(int state, @Nullable Frame below) {
            this(state, below, 31 * (below == null ? 7 : below.hash) + state);
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return this == other
                    || (other instanceof Frame frame
                            && hash == frame.hash
                            && state == frame.state
                            && Objects.equals(below, frame.below));
        }
    }

    /** A state of the network and the calls that led to it. */
    private record Place(int state, @Nullable Frame frame) {}

    /** Position of a completion in the schema. */
    public static final class State {
        private final Kept kept;
        private final List<Place> places;
        private final boolean complete;
        private final @Nullable State[] next = new State[0x100];
        private @Nullable TokenSet allowed;

        private State(Kept kept, List<Place> places, boolean complete) {
            this.kept = kept;
            this.places = places;
            this.complete = complete;
        }

        /** True if nothing is missing. */
        public boolean isComplete() {
            return complete;
        }

        boolean isDead() {
            return places.isEmpty() && !complete;
        }

        /**
         * The state after one more token; the same after one that ends the completion.
         *
         * @throws IllegalArgumentException if the token is not allowed
         */
        public State next(int token) {
            if (complete && kept.trie().ends().hold(token)) {
                return this;
            }
            byte[] text = kept.trie().text(token);
            State state = this;
            for (int i = 0; i < text.length; i++) {
                state = state.step(text[i] & 0xFF);
            }
            if (text.length == 0 || state.isDead()) {
                throw new IllegalArgumentException("token " + token + " is not allowed by the response format here");
            }
            return state;
        }

        /**
         * The tokens that may follow; kept for the next time.
         *
         * @param vocabulary number of the model's tokens, with those that the tokenizer does not know
         */
        public TokenSet allowed(int vocabulary) {
            return kept.allowed(this, vocabulary);
        }

        State step(int value) {
            State known = next[value];
            return known != null ? known : kept.step(this, value);
        }
    }

    /** States that were met, and what is known of them. */
    private final class Kept {
        private final Map<Set<Place>, State> open = new HashMap<>();
        private final Map<Set<Place>, State> complete = new HashMap<>();
        private long ints;

        boolean isFull() {
            return open.size() + complete.size() > MOST_STATES || ints > MOST_INTS;
        }

        TokenTrie trie() {
            return trie;
        }

        State start() {
            return state(List.of(new Place(network.start(rule), null)));
        }

        State step(State from, int value) {
            synchronized (Constraint.this) {
                List<Place> reached = new ArrayList<>();
                for (Place place : from.places) {
                    for (Network.Edge edge : network.edges(place.state())) {
                        if (edge.reads() && edge.low() <= value && value <= edge.high()) {
                            reached.add(new Place(edge.to(), place.frame()));
                        }
                    }
                }
                State next = state(reached);
                from.next[value] = next;
                return next;
            }
        }

        /** The state with all places that are reached without reading; those that read nothing are not remembered. */
        private State state(List<Place> reached) {
            Set<Place> seen = new HashSet<>();
            Deque<Place> waiting = new ArrayDeque<>(reached);
            Set<Place> reading = new HashSet<>();
            boolean ended = false;
            while (!waiting.isEmpty()) {
                Place place = waiting.remove();
                if (seen.add(place)) {
                    Frame frame = place.frame();
                    if (network.isEnd(place.state())) {
                        if (frame == null) {
                            ended = true;
                        } else {
                            waiting.add(new Place(frame.state(), frame.below()));
                        }
                    }
                    for (Network.Edge edge : network.edges(place.state())) {
                        if (edge.reads()) {
                            reading.add(place);
                        } else if (edge.calls()) {
                            waiting.add(new Place(network.start(edge.rule()), returning(edge.to(), frame)));
                        } else {
                            waiting.add(new Place(edge.to(), frame));
                        }
                    }
                }
            }
            boolean done = ended;
            return (done ? complete : open)
                    .computeIfAbsent(reading, places -> new State(this, List.copyOf(places), done));
        }

        /** The frame to come back to; that below it where nothing is left to do there. */
        private @Nullable Frame returning(int state, @Nullable Frame frame) {
            boolean nothingLeft = frame != null
                    && network.isEnd(state)
                    && network.edges(state).isEmpty();
            return nothingLeft ? frame : new Frame(state, frame);
        }

        TokenSet allowed(State state, int vocabulary) {
            synchronized (Constraint.this) {
                TokenSet known = state.allowed;
                if (known == null || !known.isOf(vocabulary)) {
                    BitSet ids = trie.allowed(state);
                    if (state.complete) {
                        trie.ends().all().forEach(ids::set);
                    }
                    ids.clear(vocabulary, Math.max(vocabulary, ids.length()));
                    known = TokenSet.of(vocabulary, ids);
                    state.allowed = known;
                    ints += vocabulary / Integer.SIZE;
                }
                return known;
            }
        }
    }
}
