/** Model families and their layers. Start at {@link org.reft4j.model.decoder.Decoder}; {@link org.reft4j.model.decoder.ModelFamilies} is the table. */
@NullMarked
package org.reft4j.model.decoder;

import org.jspecify.annotations.NullMarked;
