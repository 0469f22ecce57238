package org.reft4j.model.decoder.layers;

import org.bytedeco.pytorch.Tensor;

/**
 * Layout of lines that hold several completions of one prompt. Belongs to the scope that it was made in.
 *
 * @param places int64 [B, T], the position that each token has in its own row
 * @param segments int64 [B, T]: 0 in the prompt, then the number of the completion in its line, from 1
 * @param end more than the largest place
 */
public record SharedPrompt(Tensor places, Tensor segments, int end) {}
