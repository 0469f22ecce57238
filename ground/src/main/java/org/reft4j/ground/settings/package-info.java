/**
 * Strict reading of settings. Start at {@link org.reft4j.ground.settings.SettingsTree}, a YAML or JSON document with the line of every key;
 * {@link org.reft4j.ground.settings.RecordReader} makes a record of one, {@link org.reft4j.ground.settings.Fields} reads key by key, and both
 * refuse by {@link org.reft4j.ground.settings.SettingException}.
 */
@NullMarked
package org.reft4j.ground.settings;

import org.jspecify.annotations.NullMarked;
