/**
 * Conversations as text and token ids: the Jinja templates that models bring, rendered as the Python reference renders them, and which
 * part of a rendered conversation is the assistant's. Open {@link org.reft4j.model.chat.ChatTemplate} first.
 */
@NullMarked
package org.reft4j.model.chat;

import org.jspecify.annotations.NullMarked;
