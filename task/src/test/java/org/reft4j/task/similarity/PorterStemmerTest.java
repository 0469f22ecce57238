package org.reft4j.task.similarity;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Examples of Porter's paper and of the departures from it; expected values from NLTK's stemmer. */
final class PorterStemmerTest {
    @ParameterizedTest
    @CsvSource({
        "caresses, caress",
        "ponies, poni",
        "ties, tie",
        "cats, cat",
        "Dies, die",
        "died, die",
        "spied, spi",
        "feed, feed",
        "agreed, agre",
        "plastered, plaster",
        "bled, bled",
        "motoring, motor",
        "sing, sing",
        "conflated, conflat",
        "troubled, troubl",
        "sized, size",
        "hopping, hop",
        "falling, fall",
        "hissing, hiss",
        "fizzed, fizz",
        "filing, file",
        "failing, fail",
        "happy, happi",
        "enjoy, enjoy",
        "sky, sky",
        "skies, sky",
        "spy, spi",
        "relational, relat",
        "conditional, condit",
        "radically, radic",
        "possibly, possibl",
        "geology, geolog",
        "hopefully, hope",
        "vietnamization, vietnam",
        "decisiveness, decis",
        "triplicate, triplic",
        "formative, form",
        "electrical, electr",
        "goodness, good",
        "revival, reviv",
        "replacement, replac",
        "adoption, adopt",
        "opinion, opinion",
        "effective, effect",
        "probate, probat",
        "rate, rate",
        "cease, ceas",
        "controlling, control",
        "roll, roll",
        "news, news",
        "innings, inning",
        "lying, lie",
        "a, a",
        "is, is",
        "42, 42"
    })
    void takesEndingsOff(String word, String stem) {
        assertEquals(stem, PorterStemmer.stem(word));
    }
}
