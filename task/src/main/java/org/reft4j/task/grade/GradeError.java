package org.reft4j.task.grade;

import java.util.Locale;

/** Reason why a grader gave no grade: the error flags of OpenAI's grader runs, by their names there. */
public enum GradeError {
    /** A formula cannot be computed. */
    FORMULA_PARSE_ERROR,
    /** The sample is not of the form that the grader needs, such as JSON. */
    SAMPLE_PARSE_ERROR,
    /** The text that the grader saw was cut short. */
    TRUNCATED_OBSERVATION_ERROR,
    /** There was no reply in time. */
    UNRESPONSIVE_REWARD_ERROR,
    /** A template names what the item or the sample does not have. */
    INVALID_VARIABLE_ERROR,
    OTHER_ERROR,
    /** Python code could not be run at all. */
    PYTHON_GRADER_SERVER_ERROR,
    /** Python code raised, ran out of time or returned no number. */
    PYTHON_GRADER_RUNTIME_ERROR,
    MODEL_GRADER_SERVER_ERROR,
    MODEL_GRADER_REFUSAL_ERROR,
    /** A model's reply is not what it was asked for. */
    MODEL_GRADER_PARSE_ERROR,
    MODEL_GRADER_EXCEEDED_MAX_TOKENS_ERROR,
    /** The request to an endpoint failed. */
    ENDPOINT_GRADER_SERVER_ERROR,
    /** An endpoint replied, but with no score. */
    ENDPOINT_GRADER_INTERNAL_ERROR;

    /** Name in the API. */
    public String flag() {
        return name().toLowerCase(Locale.ROOT);
    }
}
