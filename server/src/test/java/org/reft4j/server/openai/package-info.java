@NullMarked
package org.reft4j.server.openai;

import org.jspecify.annotations.NullMarked;
