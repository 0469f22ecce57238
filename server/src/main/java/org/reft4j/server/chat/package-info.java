/** Text from models over HTTP: chat, completions and tokens. Open {@link org.reft4j.server.chat.ChatRoutes} first. */
@NullMarked
package org.reft4j.server.chat;

import org.jspecify.annotations.NullMarked;
