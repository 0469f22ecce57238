/** The routes of OpenAI's API. Each class is one group of them, beside the part of the document that describes it. */
@NullMarked
package org.reft4j.server.openai;

import org.jspecify.annotations.NullMarked;
