/**
 * Sampling that a JSON schema constrains: response formats, the automaton of a schema over bytes, and the tokens that it allows. Start at
 * {@link org.reft4j.model.schema.ResponseFormat} and {@link org.reft4j.model.schema.Constraint}.
 */
@NullMarked
package org.reft4j.model.schema;

import org.jspecify.annotations.NullMarked;
