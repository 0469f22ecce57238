package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.reft4j.sandbox.ProgramRunner;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderException;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.ModelMap;

/** Graders and questions for tests, written with single quotes. */
public final class GraderObjects {
    private static final ObjectMapper JSON = new ObjectMapper().configure(JsonParser.Feature.ALLOW_SINGLE_QUOTES, true);

    private GraderObjects() {}

    public static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(text, e);
        }
    }

    static Grader grader(String description) {
        return grader(description, GraderTools.plain(Cot.PROSE));
    }

    static Grader grader(String description, GraderTools tools) {
        return Graders.of(json(description), "grader", tools);
    }

    /** A question whose row is this object. */
    static Question item(String row) {
        return new Question("q1", "What is it?", new Answer.Text("it"), null, null, (ObjectNode) json(row));
    }

    static double score(Grader grader, String row, String completion) {
        Grade grade = grader.grade(item(row), completion);
        return assertInstanceOf(Grade.Scored.class, grade, () -> String.valueOf(grade))
                .score();
    }

    static GradeError failure(Grader grader, String row, String completion) {
        Grade grade = grader.grade(item(row), completion);
        return assertInstanceOf(Grade.Failed.class, grade, () -> String.valueOf(grade))
                .error();
    }

    static String refusal(String description) {
        return refusal(description, GraderTools.plain(Cot.PROSE));
    }

    static String refusal(String description, GraderTools tools) {
        return String.valueOf(assertThrows(GraderException.class, () -> grader(description, tools))
                .getMessage());
    }

    /** Tools with models only. */
    static GraderTools tools(ModelMap models) {
        return new GraderTools(Cot.PROSE, ProgramRunner.NONE, GraderObjects.class.getClassLoader(), models);
    }
}
