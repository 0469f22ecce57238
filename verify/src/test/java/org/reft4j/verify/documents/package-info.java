/**
 * Tests of the documents: generated pages are fresh, links lead somewhere, and what the documents name exists.
 *
 * <p>{@code -Dreft4j.update=true} rewrites the generated pages. Start at {@link org.reft4j.verify.documents.Document}.
 */
@NullMarked
package org.reft4j.verify.documents;

import org.jspecify.annotations.NullMarked;
