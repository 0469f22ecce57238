package org.reft4j.train.settings;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * Settings that all recipes share which train a policy, a model that answers questions. Their keys stand at the top of a file.
 *
 * @param lora low-rank adapters to train instead of the weights; without this section all weights are trained
 * @param grader grader that scores completions, in the format of OpenAI's API: an object such as {@code {type: string_check, ...}}, or a
 *     file that holds one. By default answers are compared as in the paper
 * @param models models for graders that ask a model, by the names that these graders use: an object, or a file that holds one
 * @param evaluate evaluation during training
 */
public record PolicySettings(
        @Nullable LoraConfig lora,
        @Nullable JsonNode grader,
        @Nullable JsonNode models,
        EvaluateConfig evaluate) {}
