package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.source.Datasets;

final class ChoiceOptionsTest {
    private static final Path DATA = Path.of(System.getProperty("reft4j.root", "."), "..", "shared", "data");

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "express 25 mps\\na ) 23 , b ) 88 , c ) 90 # {a=23, b=88, c=90}",
                "Area?\\n(A) 277 (B) 1,266 (C) 198 cm # {a=277, b=1,266, c=198 cm}",
                "Area? A)277 B)266 # {a=277, b=266}",
                "Area?\\nA. 277\\nB. 266\\nC. none of these # {a=277, b=266, c=none of these}",
                "f(a) b) and such (a) x\\na ) 1 , b ) 2 # {a=1, b=2}",
                "Height?\\n['a ) 12', 'b ) 15'] # {a=12, b=15}",
                "no options here # {}",
                "only a ) one # {}",
            })
    void areReadFromTheQuestion(String question, String options) {
        assertEquals(
                options, ChoiceOptions.of(question.replace("\\n", "\n")).texts().toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "c # c",
                "C # c",
                "(c) # c",
                "c ) 198 # c",
                "option B # b",
                "C. because # c",
                "cat # ''",
                "e # ''",
                "198 # ''"
            })
    void theChosenOneIsNamedByItsLetter(String answer, String letter) {
        assertEquals(letter, ChoiceOptions.of("a ) 1 , b ) 2 , c ) 198").chosen(answer));
    }

    @Test
    void theNearestWithinReachIsLedTo() {
        ChoiceOptions options = ChoiceOptions.of("a ) 2001 , b ) 2002 , c ) 2 : 3 , d ) none of these , e ) 50 %");
        for (Map.Entry<Double, String> led : Map.of(2001.0, "a", 2002.2, "b", 0.6667, "c", 7.0, "d", 50.0, "e")
                .entrySet()) {
            for (String letter : options.texts().keySet()) {
                assertEquals(
                        letter.equals(led.getValue()),
                        options.leadsTo(led.getKey(), letter, 0.01),
                        led + " and " + letter);
            }
        }
    }

    @Test
    void publishedQuestionsHaveFive() {
        Path data = DATA.resolve("mathqa");
        assumeTrue(Files.exists(data), () -> "skipped: no published data at " + data.normalize());
        for (Question question : Datasets.open(data.toString(), Cot.PROSE).test()) {
            ChoiceOptions options = ChoiceOptions.of(question.text());
            assertEquals("[a, b, c, d, e]", options.texts().keySet().toString(), question.text());
            assertTrue(options.texts().containsKey(((Answer.Choice) question.answer()).letter()));
        }
    }
}
