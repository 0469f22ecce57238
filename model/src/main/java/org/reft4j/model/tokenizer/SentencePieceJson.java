package org.reft4j.model.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Writes the {@code tokenizer.json} of a SentencePiece tokenizer that a GGUF file describes: pieces merged in the order of their
 * scores, characters without a piece spelled in bytes.
 *
 * <p>Source: {@code convert_slow_tokenizer.py} and {@code ggml.py} of transformers, for the order of equal scores.
 */
final class SentencePieceJson {
    /** Stands for a space inside pieces. */
    static final String SPACE = "\u2581";
    /** Far above any piece; every way to cut a piece in two is tried. */
    private static final int LONGEST = 1024;

    private final GgufVocabulary vocabulary;

    SentencePieceJson(GgufVocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** A piece and a way to make it from two others. */
    private record Merge(String left, String right, double score) {
        int leftLength() {
            return left.codePointCount(0, left.length());
        }

        int rightLength() {
            return right.codePointCount(0, right.length());
        }
    }

    ObjectNode build() {
        if (vocabulary.scores().size() != vocabulary.tokens().size()) {
            throw new TokenizerException(vocabulary.source() + ": tokenizer.ggml.scores has "
                    + vocabulary.scores().size() + " entries for "
                    + vocabulary.tokens().size()
                    + " tokens. Put the model's tokenizer.json beside the file");
        }
        ObjectNode json = vocabulary.jsonWithAddedTokens();
        normalizer(json);
        json.putNull("pre_tokenizer");
        vocabulary.postProcessor(json);
        decoder(json);
        ObjectNode model = json.putObject("model");
        model.put("type", "BPE");
        model.putNull("dropout");
        Integer unknown = vocabulary.special().get("unk_token");
        model.put("unk_token", unknown == null ? null : vocabulary.tokens().get(unknown));
        model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
        model.put("fuse_unk", true).put("byte_fallback", true).put("ignore_merges", false);
        model.set("vocab", vocabulary.vocabularyJson());
        ArrayNode merges = model.putArray("merges");
        for (Merge merge : merges()) {
            merges.addArray().add(merge.left()).add(merge.right());
        }
        return json;
    }

    private void normalizer(ObjectNode json) {
        ObjectNode sequence = json.putObject("normalizer");
        sequence.put("type", "Sequence");
        ArrayNode steps = sequence.putArray("normalizers");
        if (vocabulary.spaceInFront()) {
            steps.addObject().put("type", "Prepend").put("prepend", SPACE);
        }
        replace(steps.addObject(), " ", SPACE);
    }

    private void decoder(ObjectNode json) {
        ObjectNode sequence = json.putObject("decoder");
        sequence.put("type", "Sequence");
        ArrayNode steps = sequence.putArray("decoders");
        replace(steps.addObject(), SPACE, " ");
        steps.addObject().put("type", "ByteFallback");
        steps.addObject().put("type", "Fuse");
        if (vocabulary.spaceInFront()) {
            steps.addObject()
                    .put("type", "Strip")
                    .put("content", " ")
                    .put("start", 1)
                    .put("stop", 0);
        }
    }

    private static void replace(ObjectNode step, String from, String to) {
        step.put("type", "Replace").put("content", to);
        step.putObject("pattern").put("String", from);
    }

    /** Every way to make a piece from two, the highest score first. */
    private List<Merge> merges() {
        // Not Set.copyOf, which hostile texts with equal hashes can slow down.
        Set<String> pieces = new HashSet<>(vocabulary.tokens());
        List<Merge> merges = new ArrayList<>();
        for (int id = 0; id < vocabulary.tokens().size(); id++) {
            String piece = vocabulary.tokens().get(id);
            if (piece.length() > LONGEST) {
                throw new TokenizerException(vocabulary.source() + ": token " + id + " has " + piece.length()
                        + " characters; expected at most " + LONGEST + ". Download or convert the file again");
            }
            for (int cut = piece.offsetByCodePoints(0, Math.min(1, piece.length()));
                    cut < piece.length();
                    cut = piece.offsetByCodePoints(cut, 1)) {
                String left = piece.substring(0, cut);
                String right = piece.substring(cut);
                if (pieces.contains(left) && pieces.contains(right)) {
                    merges.add(new Merge(left, right, vocabulary.scores().get(id)));
                }
            }
        }
        // Among equal scores longer halves come first, then smaller ids: the sort keeps the order of equal elements.
        merges.sort(Comparator.comparingDouble(Merge::score)
                .thenComparingInt(Merge::leftLength)
                .thenComparingInt(Merge::rightLength)
                .reversed());
        return merges;
    }
}
