/**
 * Text as Python counts and cuts it, and how alike two texts are. Start at {@link org.reft4j.ground.text.PythonText}.
 */
@NullMarked
package org.reft4j.ground.text;

import org.jspecify.annotations.NullMarked;
