package org.reft4j.task.grade;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A grader of your own, named by a grader object: {@code {"type": "java", "class": "com.acme.MyGrader", "options": {...}}}. The class is
 * public, has a public constructor without parameters and lies on the plug-in path. One instance serves a grader object, and is called
 * from many threads at once.
 */
@FunctionalInterface
public interface GraderPlugin {
    /**
     * Judges one completion, usually by {@link Grade.Scored#of}. A call that takes longer than the grader's {@code timeout} is abandoned.
     *
     * @param item the data row, with {@code item_id}, {@code question} and {@code answer}; a copy of its own for each call
     * @param sample the completion
     * @param options as the grader object has them, an empty object where it has none; not to be changed
     * @throws Exception where it cannot judge: the completion is left out, which is not the same as a reward of 0
     */
    Grade grade(JsonNode item, Sample sample, JsonNode options) throws Exception;
}
