/** Models by their names on the Hugging Face hub, in the cache that its other tools use. Start at {@link org.reft4j.model.hub.ModelHub}. */
@NullMarked
package org.reft4j.model.hub;

import org.jspecify.annotations.NullMarked;
