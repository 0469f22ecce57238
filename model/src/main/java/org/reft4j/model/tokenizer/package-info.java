/** Text to token ids and back. Start at {@link org.reft4j.model.tokenizer.Tokenizer}. */
@NullMarked
package org.reft4j.model.tokenizer;

import org.jspecify.annotations.NullMarked;
