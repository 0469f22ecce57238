package org.reft4j.server.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.server.engine.SampleEvent.TokenText;

/** Text of a completion as its tokens come. It holds back halves of characters, and what may be the beginning of a stop text. */
final class TextStream {
    private static final char HALF = '\uFFFD';
    /** Tokens after which half a character is taken for a fault of the model's. */
    private static final int PATIENCE = 8;

    private final Tokenizer tokenizer;
    private final List<String> stops;
    private int[] ids = new int[16];
    private int count;
    /** Tokens before this one are no longer needed to decode those to come. */
    private int from;
    /** Tokens before this one are text already. */
    private int read;

    private final StringBuilder held = new StringBuilder();
    private final Deque<Place> tokens = new ArrayDeque<>();
    private long decoded;
    private long released;
    private boolean stopped;

    /** A token, and where its text ends. */
    private record Place(TokenText token, long end) {}

    /**
     * Text that is certain.
     *
     * @param tokens that it is made of
     */
    record Piece(String text, List<TokenText> tokens) {
        boolean isEmpty() {
            return text.isEmpty() && tokens.isEmpty();
        }
    }

    TextStream(Tokenizer tokenizer, List<String> stops) {
        this.tokenizer = tokenizer;
        this.stops = stops;
    }

    /** Takes a token; the text that is certain now. */
    Piece add(int id, TokenText shown) {
        if (count == ids.length) {
            ids = java.util.Arrays.copyOf(ids, 2 * count);
        }
        ids[count++] = id;
        decode(false);
        tokens.add(new Place(shown, count == read ? decoded : Long.MAX_VALUE));
        return release(false);
    }

    /** The rest of the text. */
    Piece end() {
        decode(true);
        return release(true);
    }

    private void decode(boolean all) {
        String before = tokenizer.decode(slice(from, read));
        String now = tokenizer.decode(slice(from, count));
        boolean half = !now.isEmpty() && now.charAt(now.length() - 1) == HALF && count - read < PATIENCE;
        if (now.length() <= before.length() || (half && !all)) {
            // A token without text, such as a special one, is no part of a character.
            if (now.length() == before.length() && !half) {
                read = count;
            }
            return;
        }
        String more = now.substring(before.length());
        from = read;
        read = count;
        held.append(more);
        decoded += more.length();
        // Those whose text was open end here.
        int size = tokens.size();
        for (int i = 0; i < size; i++) {
            Place place = tokens.remove();
            tokens.add(place.end() == Long.MAX_VALUE ? new Place(place.token(), decoded) : place);
        }
    }

    private Tokens slice(int begin, int end) {
        return Tokens.of(java.util.Arrays.copyOfRange(ids, begin, end));
    }

    private Piece release(boolean all) {
        if (stopped) {
            return new Piece("", List.of());
        }
        int certain = held.length();
        for (String stop : stops) {
            int at = held.indexOf(stop);
            if (at >= 0 && at <= certain) {
                certain = at;
                stopped = true;
            }
        }
        if (!stopped && !all) {
            certain -= longestBeginning();
        }
        String text = held.substring(0, certain);
        held.delete(0, certain);
        released += certain;
        List<TokenText> done = new ArrayList<>();
        while (!tokens.isEmpty() && (tokens.getFirst().end() <= released || (all && !stopped))) {
            done.add(tokens.remove().token());
        }
        return new Piece(text, done);
    }

    /** Length of the longest end of the text that a stop text begins with. */
    private int longestBeginning() {
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
                if (stop.startsWith(held.substring(held.length() - length))) {
                    longest = length;
                }
            }
        }
        return longest;
    }
}
