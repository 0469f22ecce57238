package org.reft4j.model.chat;

import org.reft4j.model.tokenizer.Tokens;

/**
 * One of the assistant's turns, as a model that writes it sees it.
 *
 * @param prompt what the model is given, the same ids as when it is asked
 * @param completion what it should write, the end of its turn included
 */
public record ChatTurn(Tokens prompt, Tokens completion) {}
