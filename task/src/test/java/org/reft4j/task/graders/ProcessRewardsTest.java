package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.reft4j.task.graders.GraderObjects.grader;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;

/** The paper's example of a lucky letter (ReFT, Figure 3), as docs/graders/process.md works it out. */
final class ProcessRewardsTest {
    private static final Question RHOMBUS = new Question(
            "r",
            "The diagonals of a rhombus are 18 and 22. What is its area?\na ) 277 , b ) 266 , c ) 198 , d ) 288 , e ) 212",
            Answer.Choice.of("c"),
            null);

    @ParameterizedTest
    @CsvSource({
        "The area is 18*22/2 = 344/2 = 172., c, 1, 0, 0.5, 0.35",
        "The area is 18*22/2 = 396/2 = 198., c, 1, 1, 1, 1",
        "The area is 18*22/2 = 344/2 = 198., c, 1, 1, 0, 0.7",
        "The area is 18*22/2 = 396/2 = 198., b, 0.1, 0, 1, 0.05",
        "I guess., c, 1, 0, 0, 0.2"
    })
    void paySoundReasoning(String chain, String letter, double answer, double consistency, double sums, double reward) {
        String completion = chain + "\nTherefore, the answer is: " + letter;
        assertEquals(answer, score("answer", completion));
        assertEquals(consistency, score("chain_consistency", completion));
        assertEquals(sums, score("arithmetic_check", completion));
        assertEquals(reward, answer * (0.2 + 0.5 * consistency + 0.3 * sums), 1e-12);
    }

    private static double score(String type, String completion) {
        Grade grade = grader("{'type': '" + type + "'}").grade(RHOMBUS, completion);
        return ((Grade.Scored) grade).score();
    }
}
