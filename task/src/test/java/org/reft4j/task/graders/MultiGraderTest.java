package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.reft4j.task.graders.GraderObjects.grader;
import static org.reft4j.task.graders.GraderObjects.item;
import static org.reft4j.task.graders.GraderObjects.refusal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.GraderPlugin;
import org.reft4j.task.grade.Sample;

final class MultiGraderTest {
    private static final String SAME =
            "{'type': 'string_check', 'name': 'same', 'input': '{{sample.output_text}}', 'reference': 'yes', 'operation': 'eq'}";
    private static final String LIKE = "{'type': 'string_check', 'name': 'like', 'input': '{{sample.output_text}}',"
            + " 'reference': '{{item.part}}', 'operation': 'like'}";

    private static String multi(String graders, String formula) {
        return "{'type': 'multi', 'name': 'm', 'graders': " + graders + ", 'calculate_output': '" + formula + "'}";
    }

    private static Grade grade(String description, String completion) {
        return grader(description).grade(item("{'part': 'y'}"), completion);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'same': SAME, 'like': LIKE}|0.75 * same + 0.25 * like",
                "[SAME, LIKE]|0.75 * same + 0.25 * like",
                "{'a': SAME, 'b_2': LIKE}|0.75 * a + 0.25 * b_2",
            })
    void aFormulaCombinesScores(String graders, String formula) {
        String description = multi(graders.replace("SAME", SAME).replace("LIKE", LIKE), formula);
        assertEquals(1, ((Grade.Scored) grade(description, "yes")).score());
        Grade.Scored part = assertInstanceOf(Grade.Scored.class, grade(description, "yellow"));
        assertEquals(0.25, part.score());
        assertEquals(List.of(0.0, 1.0), new ArrayList<>(part.parts().values()));
    }

    @Test
    void oneGraderGoesByItsName() {
        Grade grade = grade(multi(SAME, "1 - same"), "no");
        assertEquals(new Grade.Scored(1, Map.of("same", 0.0), ""), grade);
    }

    /** A part may be called "type": it is an object then, not a text. */
    @Test
    void aPartMayBeCalledType() {
        assertEquals(
                new Grade.Scored(1, Map.of("type", 1.0), ""), grade(multi("{'type': " + SAME + "}", "type"), "yes"));
    }

    @Test
    void partsOfPartsKeepTheirNames() {
        Grade grade = grade(multi("{'j': {'type': 'java', 'class': '" + InParts.class.getName() + "'}}", "j * 2"), "x");
        assertEquals(new Grade.Scored(6, Map.of("j", 3.0, "j.one", 1.0, "j.two", 2.0), ""), grade);
    }

    /** Scores in parts. */
    public static final class InParts implements GraderPlugin {
        @Override
        public Grade grade(
                com.fasterxml.jackson.databind.JsonNode item,
                Sample sample,
                com.fasterxml.jackson.databind.JsonNode options) {
            return new Grade.Scored(3, Map.of("one", 1.0, "two", 2.0), "");
        }
    }

    @Test
    void aFailedPartFailsTheWhole() {
        Grade grade = grade(multi("{'a': " + SAME + ", 'b': " + LIKE.replace("part", "z") + "}", "a"), "yes");
        assertEquals(new Grade.Failed(GradeError.INVALID_VARIABLE_ERROR, "b: there is no item.z"), grade);
    }

    @Test
    void aFormulaThatCannotBeComputedFails() {
        String description = multi("{'a': " + SAME + "}", "1 / a");
        assertEquals(Grade.Scored.class, grade(description, "yes").getClass());
        assertEquals(
                new Grade.Failed(GradeError.FORMULA_PARSE_ERROR, "calculate_output: division of 1.0 by zero"),
                grade(description, "no"));
    }

    @Test
    void gradesThatAreNoNumbersCountOneOrNothing() {
        assertEquals(OptionalDouble.of(1), MultiGrader.score(new Grade.Correct("7")));
        assertEquals(OptionalDouble.of(0), MultiGrader.score(new Grade.Wrong("8")));
        assertEquals(OptionalDouble.of(0), MultiGrader.score(new Grade.NoAnswer("none")));
        assertEquals(OptionalDouble.of(0.5), MultiGrader.score(Grade.Scored.of(0.5)));
        assertEquals(OptionalDouble.empty(), MultiGrader.score(new Grade.Failed(GradeError.OTHER_ERROR, "")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|1|grader.graders is empty; expected at least one grader",
                "[]|1|grader.graders is empty; expected at least one grader",
                "3|1|grader.graders is 3; expected an object of graders by name",
                "null|1|grader.graders is missing; give it",
                "{'a': SAME}|b|grader.calculate_output uses b, which is no grader; expected a",
                "{'a': SAME}|eval(a)|grader.calculate_output calls eval, which is no function; expected one of min, max, abs,"
                        + " floor, ceil, exp, sqrt, log",
                "{'a': SAME}|a +|grader.calculate_output has its end at character 4; expected a number, a name or (",
                "{'a': {'type': 'multi', 'graders': {}, 'calculate_output': '1'}}|a|grader.graders.a.type is \"multi\"; expected"
                        + " another type: a multi grader cannot be part of another",
                "{'type': 'multi', 'name': 'm'}|m|grader.graders.m.type is \"multi\"; expected another type: a multi grader"
                        + " cannot be part of another",
                "{'a-b': SAME}|1|grader.graders.a-b cannot be used in calculate_output; expected a name of letters, digits and"
                        + " underscores that does not begin with a digit",
                "[SAME, SAME]|same|grader.graders[1].name is \"same\" again; give each grader its own name",
                "[{'type': 'string_check'}]|1|grader.graders[0].name is missing; give it, since the formula uses it, or write"
                        + " graders as an object of graders by name",
                "{'type': 'string_check'}|1|grader.graders.name is missing; give it, since the formula uses it, or write graders"
                        + " as an object of graders by name",
                "{'a': 'string_check'}|a|grader.graders.a is \"string_check\"; expected an object such as {\"type\":"
                        + " \"string_check\", ...}",
                "{'a': {'type': 'string_check', 'input': ''}}|a|grader.graders.a.reference is missing; give it",
            })
    void faultsNameTheirPlace(String graders, String formula, String message) {
        assertEquals(message, refusal(multi(graders.replace("SAME", SAME), formula)));
    }

    @Test
    void aFormulaMustBeGiven() {
        assertEquals(
                "grader.calculate_output is missing; give it",
                refusal("{'type': 'multi', 'graders': {'a': " + SAME + "}}"));
    }
}
