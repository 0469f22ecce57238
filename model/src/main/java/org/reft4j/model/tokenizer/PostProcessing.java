package org.reft4j.model.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.reft4j.ground.files.Json;

/**
 * The special tokens that {@code post_processor} of a {@code tokenizer.json} puts around texts. Read here and not tried out: the library
 * ends the program over a template whose tokens it does not know.
 */
final class PostProcessing {
    private PostProcessing() {}

    /**
     * The tokens in front of a single text.
     *
     * @throws TokenizerException if a template names a token that it does not define
     */
    static Tokens inFront(TokenizerFiles files) {
        JsonNode processor;
        try {
            processor = Json.PLAIN.readTree(files.tokenizerJson()).path("post_processor");
        } catch (JsonProcessingException e) {
            throw new TokenizerException(files.source() + ": no JSON: " + e.getOriginalMessage(), e);
        }
        List<Integer> front = new ArrayList<>();
        collect(processor, front, files.source());
        return Tokens.of(front.stream().mapToInt(Integer::intValue).toArray());
    }

    /** A later processor of a sequence puts its tokens around those of the earlier ones. */
    private static void collect(JsonNode processor, List<Integer> front, String source) {
        switch (processor.path("type").asText()) {
            case "Sequence" -> processor.path("processors").forEach(each -> collect(each, front, source));
            case "BertProcessing", "RobertaProcessing" ->
                front.addFirst(id(processor.path("cls").path(1), source));
            case "TemplateProcessing" -> front.addAll(0, template(processor, source));
            default -> {} // puts nothing around a text
        }
    }

    private static List<Integer> template(JsonNode processor, String source) {
        List<Integer> front = new ArrayList<>();
        for (JsonNode piece : processor.path("single")) {
            JsonNode token = piece.path("SpecialToken");
            if (token.isMissingNode()) {
                break; // the text
            }
            String name = token.path("id").asText();
            JsonNode ids = processor.path("special_tokens").path(name).path("ids");
            if (ids.isEmpty()) {
                throw new TokenizerException(source + ": post_processor puts " + name
                        + " in front of texts, which its special_tokens lack; download the file again");
            }
            ids.forEach(id -> front.add(id(id, source)));
        }
        return front;
    }

    private static int id(JsonNode number, String source) {
        if (!number.canConvertToInt() || number.asInt() < 0) {
            throw new TokenizerException(
                    source + ": post_processor has a token of id " + (number.isMissingNode() ? "nothing" : number)
                            + "; expected a whole number from 0; download the file again");
        }
        return number.asInt();
    }
}
