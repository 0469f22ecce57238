/**
 * The service: OpenAI's fine-tuning API and more over HTTP. Open {@code http} for how a request becomes a reply, {@code store} for what is kept,
 * {@code openai} for the routes.
 */
@NullMarked
package org.reft4j.server;

import org.jspecify.annotations.NullMarked;
