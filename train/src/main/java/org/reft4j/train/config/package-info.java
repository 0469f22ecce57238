/**
 * Configuration files: YAML with every key checked. Start at {@link org.reft4j.train.config.ConfigFile}; {@link
 * org.reft4j.train.config.ResumeRules} says what may change when a run goes on.
 */
@NullMarked
package org.reft4j.train.config;

import org.jspecify.annotations.NullMarked;
