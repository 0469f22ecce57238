/**
 * Model families, one file each. {@link org.reft4j.model.decoder.families.ModelFamilies} is the table;
 * {@link org.reft4j.model.decoder.families.Llama} is the example to open first.
 */
@NullMarked
package org.reft4j.model.decoder.families;

import org.jspecify.annotations.NullMarked;
