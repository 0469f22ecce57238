package org.reft4j.train.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.reft4j.model.StoredModel;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.folder.AdapterFolder;
import org.reft4j.task.dataset.Question;
import org.reft4j.train.rollout.PromptForm;
import org.reft4j.train.run.RunData;

/** A short name for contents: equal ones have equal names, whatever their place. */
public final class Fingerprint {
    /** Digits of the SHA-256 that are kept: 64 bits. */
    private static final int DIGITS = 16;

    private static final int PART = 1 << 20;

    /** Endings of the files in a model's folder that determine its output. */
    private static final Set<String> ENDINGS = Set.of("safetensors", "gguf", "json", "jinja", "model", "txt");

    /** Files that a run adds to a checkpoint; not part of the model. */
    private static final Set<String> ABOUT = Set.of("checkpoint.json", RunData.NAME);

    private final MessageDigest digest;

    private Fingerprint() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /**
     * Fingerprint of a model: of every byte of its files, including the weights, since two checkpoints of one run differ in nothing else.
     * An adapter's includes its base.
     *
     * @throws UncheckedIOException if a file cannot be read
     */
    public static String of(StoredModel model) {
        Fingerprint fingerprint = new Fingerprint();
        fingerprint.add(model.base().path());
        model.adapter().map(AdapterFolder::folder).ifPresent(fingerprint::add);
        return fingerprint.text();
    }

    /** Fingerprint of questions with their answers and all other fields that graders see, in their order. */
    public static String of(List<Question> questions) {
        Fingerprint fingerprint = new Fingerprint();
        questions.forEach(fingerprint::add);
        return fingerprint.text();
    }

    /** True if a fingerprint is that of the first n of the questions, for any n. */
    static boolean isOfFirst(List<Question> questions, String print) {
        Fingerprint fingerprint = new Fingerprint();
        return questions.stream().anyMatch(question -> {
            fingerprint.add(question);
            return fingerprint.soFar().equals(print);
        });
    }

    /** Fingerprint of tokens, in their order. */
    public static String ofRows(List<Row> rows) {
        Fingerprint fingerprint = new Fingerprint();
        rows.forEach(row -> fingerprint.digest.update(
                (row.prompt() + " " + row.completion() + "\n").getBytes(StandardCharsets.UTF_8)));
        return fingerprint.text();
    }

    private void add(Question question) {
        digest.update((question.item() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private void add(Path model) {
        try {
            for (Path file : files(model)) {
                digest.update((file.getFileName() + " " + Files.size(file) + "\n").getBytes(StandardCharsets.UTF_8));
                addBytes(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + model, e);
        }
    }

    private static List<Path> files(Path model) throws IOException {
        if (Files.isRegularFile(model)) {
            return Stream.of(model, PromptForm.file(model))
                    .filter(Files::exists)
                    .toList();
        }
        try (Stream<Path> files = Files.list(model)) {
            return files.filter(Fingerprint::counts).sorted().toList();
        }
    }

    private static boolean counts(Path file) {
        String name = String.valueOf(file.getFileName());
        return Files.isRegularFile(file)
                && !ABOUT.contains(name)
                && ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1));
    }

    private void addBytes(Path file) throws IOException {
        ByteBuffer part = ByteBuffer.allocate(PART);
        try (FileChannel channel = FileChannel.open(file)) {
            while (channel.read(part) >= 0) {
                digest.update(part.flip());
                part.clear();
            }
        }
    }

    private String text() {
        return text(digest);
    }

    /** More may be added after it. */
    private String soFar() {
        try {
            return text((MessageDigest) digest.clone());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the digests of every Java can be cloned", e);
        }
    }

    private static String text(MessageDigest whole) {
        return HexFormat.of().formatHex(whole.digest()).substring(0, DIGITS);
    }
}
