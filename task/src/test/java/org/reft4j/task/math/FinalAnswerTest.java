package org.reft4j.task.math;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FinalAnswerTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "So \\boxed{1} and \\boxed{\\frac{3}{4}}.; \\frac{3}{4}; \\boxed",
                "\\boxed{2} then \\boxed{3; 2; \\boxed",
                "\\boxed 5; 5; \\boxed",
                "\\fbox{7}; 7; \\boxed",
                "\\boxed{\\{1,2\\}}; \\{1,2\\}; \\boxed",
                "a|#### 18; 18; ####",
                "a|Therefore, the answer is: 203.0; 203.0; the answer is",
                "The answer is <208>.; 208; the answer is",
                "The answer is 5. The other way gives 6.; 5; the answer is",
                "The final answer is **$18**.; $18; the answer is",
                "The answer is $x$.; x; the answer is",
                "The answer is $5 or $6; $5 or $6; the answer is",
                "Answer: C; C; answer:",
                "The answer is 1|No: the answer is 2; 2; the answer is",
                "The answer to the question is 4; 4; the answer is",
                "The answer is|12 apples; 12 apples; the answer is",
                "The answer is Rs. 500. Done; Rs. 500; the answer is",
                "He has 3.|So 5 + 3 = 8 apples.||; So 5 + 3 = 8 apples; the last line",
                "So we get $x = \\frac{3}{4}$ here.; x = \\frac{3}{4}; the last line",
                "So \\(12\\) it is; 12; the last line",
                "He pays $5 and $6 more; He pays $5 and $6 more; the last line",
                "<answer>42</answer>; 42; <answer>",
            })
    void isWhereTheTextSaysSo(String text, String answer, String where) {
        assertEquals(Optional.of(new FinalAnswer(answer, where)), FinalAnswer.in(text.replace('|', '\n')));
    }

    @Test
    void maybeThereIsNone() {
        assertEquals(Optional.empty(), FinalAnswer.in(""));
        assertEquals(Optional.empty(), FinalAnswer.in(" \n ... \n"));
    }
}
