package org.reft4j.model.chat;

import java.util.List;

/**
 * What a template has written.
 *
 * @param generated the parts that the template marks as the assistant's, in order
 * @param hiddenGeneration whether the template also marks text that did not go straight into the result, but through a macro or a
 *     variable, so that its place in the result is not known
 */
record Rendering(String text, List<Span> generated, boolean hiddenGeneration) {

    Rendering {
        generated = List.copyOf(generated);
    }

    /** From a character, inclusive, to a character, exclusive. */
    record Span(int from, int to) {}
}
