/**
 * Models and adapters as they lie on disk: folders of them, single GGUF files, and the conversion of one into the other. Start at
 * {@link org.reft4j.model.folder.ModelFolder}.
 */
@NullMarked
package org.reft4j.model.folder;

import org.jspecify.annotations.NullMarked;
