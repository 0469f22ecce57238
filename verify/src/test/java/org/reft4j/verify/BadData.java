package org.reft4j.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Dataset files and configurations that cannot be used. */
final class BadData {
    static final String GOOD_ROW = "{\"question\": \"Ann has 2 pens and finds 3. How many?\", \"answer\": \"5\"}\n";
    private static final long LONG_LINE = 100L << 20;

    private BadData() {}

    static List<BadCase> files() {
        return List.of(
                BadCase.of("missing file", folder -> {}, "data none.jsonl --cot n", "none.jsonl"),
                BadCase.of("empty file", text("empty.jsonl", ""), "data empty.jsonl --cot n", "empty.jsonl", "empty"),
                BadCase.of(
                        "array cut short",
                        text("cut.json", "[{\"question\": \"q\", \"answer\": \"1\"}, {\"question\": \"wh"),
                        "data cut.json --cot n",
                        "cut.json",
                        "item 2",
                        "cut short"),
                BadCase.of(
                        "line cut short",
                        text("cut.jsonl", GOOD_ROW + "{\"question\": \"wh"),
                        "data cut.jsonl --cot n",
                        "cut.jsonl",
                        "line 2"),
                BadCase.of(
                        "number for a question",
                        text("typed.jsonl", GOOD_ROW + "{\"question\": 17, \"answer\": \"1\"}\n"),
                        "data typed.jsonl --cot n",
                        "typed.jsonl",
                        "line 2",
                        "question"),
                BadCase.of(
                        "row without answer",
                        text("open.jsonl", GOOD_ROW + "{\"question\": \"Why?\"}\n"),
                        "data open.jsonl --cot n",
                        "open.jsonl",
                        "line 2",
                        "answer"),
                BadCase.of(
                        "row without question",
                        text("mute.jsonl", GOOD_ROW + "{\"answer\": \"5\"}\n"),
                        "data mute.jsonl --cot n",
                        "mute.jsonl",
                        "line 2",
                        "question"),
                BadCase.of("invalid UTF-8", BadData::latin1, "data latin1.jsonl --cot n", "latin1.jsonl", "UTF-8"),
                BadCase.of(
                        "line of 100 MB", BadData::longLine, "data long.jsonl --cot n", "long.jsonl", "line 2", "MiB"),
                BadCase.of(
                        "folder without data",
                        folder -> Files.createDirectory(folder.resolve("bare")),
                        "data bare --cot n",
                        "bare"),
                BadCase.of("unknown setting", folder -> {}, "data wordproblems:stepz=3 --cot n", "stepz", "steps"));
    }

    static List<BadCase> completions() {
        return List.of(
                BadCase.of(
                        "grades without file",
                        folder -> {},
                        "grade --data good.jsonl --cot n none.jsonl",
                        "none.jsonl"),
                BadCase.of(
                        "grades cut short",
                        text("answers.jsonl", "{\"item_id\": \"x\", \"completion\": \"Therefore"),
                        "grade --data good.jsonl --cot n answers.jsonl",
                        "answers.jsonl",
                        "1"),
                BadCase.of(
                        "grades of an unknown item",
                        text("answers.jsonl", "{\"item_id\": \"nobody\", \"completion\": \"5\"}\n"),
                        "grade --data good.jsonl --cot n answers.jsonl",
                        "answers.jsonl",
                        "nobody"));
    }

    static List<BadCase> configurations() {
        return List.of(
                BadCase.of("missing configuration", folder -> {}, "train none.yaml", "none.yaml"),
                BadCase.of("empty configuration", text("c.yaml", ""), "train c.yaml", "c.yaml", "recipe"),
                BadCase.of("no YAML", text("c.yaml", "recipe: [sft\nbatch: 3\n"), "train c.yaml", "c.yaml"),
                BadCase.of("unknown recipe", config("recipe: sfd\n"), "train c.yaml", "c.yaml:1", "sfd", "sft"),
                BadCase.of(
                        "unknown key",
                        config("recipe: sft\nbatsch: 8\n"),
                        "train c.yaml",
                        "c.yaml:2",
                        "batsch",
                        "batch"),
                BadCase.of(
                        "unknown nested key",
                        config("recipe: sft\noptimizer:\n  learning-rat: 0.1\n"),
                        "train c.yaml",
                        "c.yaml:3",
                        "learning-rat",
                        "learning-rate"),
                BadCase.of(
                        "negative rate",
                        config("recipe: sft\noptimizer:\n  learning-rate: -0.1\n"),
                        "train c.yaml",
                        "c.yaml:3",
                        "optimizer.learning-rate",
                        "-0.1"),
                BadCase.of(
                        "text for a number",
                        config("recipe: sft\nbatch: many\n"),
                        "train c.yaml",
                        "c.yaml:2",
                        "batch",
                        "number"),
                BadCase.of(
                        "minibatch that does not divide",
                        config(
                                "recipe: reft\nsteps: 2\nrollout:\n  questions: 4\n  samples: 2\nppo:\n  minibatch: 3\n"),
                        "train c.yaml",
                        "c.yaml:7",
                        "ppo.minibatch",
                        "8"));
    }

    /** Settings of which each might be, but not with the others, or not with what is there. */
    static List<BadCase> combinations() {
        return List.of(
                BadCase.of(
                        "self-training that keeps nothing",
                        config("recipe: offline-self-training\nbase:\n  path: model\nkeep: 0\n"),
                        "train c.yaml",
                        "c.yaml:4",
                        "keep is 0",
                        "positive"),
                BadCase.of(
                        "offline self-training without a base",
                        config("recipe: offline-self-training\n"),
                        "train c.yaml",
                        "c.yaml",
                        "base is missing"),
                BadCase.of(
                        "self-training without a warm-up",
                        text(
                                "c.yaml",
                                "recipe: online-self-training\nsteps: 2\nmodel:\n  new: {layers: 1, width: 8, heads: 2,"
                                        + " key-value-heads: 1, feed-forward: 16, context-length: 64}\n"),
                        "train c.yaml",
                        "c.yaml:4",
                        "model.path",
                        "warm-up"),
                BadCase.of(
                        "unknown key on the command line",
                        config("recipe: sft\n"),
                        "train c.yaml --set ppo.klm=1",
                        "--set",
                        "ppo"),
                BadCase.of(
                        "name that is a path",
                        config("recipe: sft\n"),
                        "train c.yaml --explain --set name=../x",
                        "--set name=../x",
                        "plain folder name"),
                BadCase.of(
                        "data that is not there",
                        text(
                                "c.yaml",
                                "recipe: sft\nmodel:\n  path: model\ndata:\n  path: none\n  cot: n\nevaluate:\n  questions: 1\n"),
                        "train c.yaml",
                        "none"),
                BadCase.of(
                        "model that is not there",
                        text("c.yaml", "recipe: sft\nmodel:\n  path: none\ndata:\n  path: good.jsonl\n  cot: n\n"),
                        "train c.yaml",
                        "none"));
    }

    static BadCase.Preparation text(String name, String text) {
        return folder -> Files.writeString(folder.resolve(name), text);
    }

    /** The lines, and a model and data that would do. */
    private static BadCase.Preparation config(String lines) {
        return text("c.yaml", lines + "model:\n  path: model\ndata:\n  dataset: wordproblems\n  cot: n\n");
    }

    private static void latin1(Path folder) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(GOOD_ROW.getBytes(UTF_8));
        bytes.write("{\"question\": \"How many caf".getBytes(UTF_8));
        bytes.write(0xe9);
        bytes.write("s?\", \"answer\": \"5\"}\n".getBytes(UTF_8));
        Files.write(folder.resolve("latin1.jsonl"), bytes.toByteArray());
    }

    /** Takes no room on disks that know holes. */
    private static void longLine(Path folder) throws IOException {
        try (RandomAccessFile file =
                new RandomAccessFile(folder.resolve("long.jsonl").toFile(), "rw")) {
            file.write(GOOD_ROW.getBytes(UTF_8));
            file.write("{\"question\": \"".getBytes(UTF_8));
            file.setLength(LONG_LINE);
        }
    }
}
