/** Many completions of each question, kept in a folder. Start at {@link org.reft4j.train.sample.SampleFolder}. */
@NullMarked
package org.reft4j.train.sample;

import org.jspecify.annotations.NullMarked;
