/** Settings and their refusal. Begin with {@link org.reft4j.ground.settings.SettingException}. */
@NullMarked
package org.reft4j.ground.settings;

import org.jspecify.annotations.NullMarked;
