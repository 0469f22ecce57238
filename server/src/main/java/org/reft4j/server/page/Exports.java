package org.reft4j.server.page;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.reft4j.server.http.Reply;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.RolloutQuery;
import org.reft4j.train.run.RolloutSheet;
import org.reft4j.train.run.RunReader;

/** Downloads: rollouts as JSON Lines and CSV, checkpoints as an archive. They are written as they are read, a few rows at a time. */
final class Exports {
    private static final int ROWS = 500;

    private Exports() {}

    static Reply lines(RunReader run, RolloutQuery query, int most) {
        return named(
                "rollouts.jsonl",
                "application/x-ndjson",
                out -> each(run, query, most, found -> {
                    StringBuilder lines = new StringBuilder();
                    for (JsonNode rollout : RolloutSheet.of(found).figures().path("rollouts")) {
                        lines.append(rollout).append('\n');
                    }
                    send(out, lines);
                }));
    }

    static Reply csv(RunReader run, RolloutQuery query, int most) {
        return named("rollouts.csv", "text/csv; charset=utf-8", out -> {
            send(
                    out,
                    "step,question_id,sample,grade,right,reward,parts,tokens,stop,extracted,target,question,completion\n");
            each(run, query, most, found -> {
                StringBuilder lines = new StringBuilder();
                for (KeptRollout each : found) {
                    lines.append(String.join(
                                    ",",
                                    Integer.toString(each.step()),
                                    cell(each.questionId()),
                                    Integer.toString(each.sample()),
                                    each.grade(),
                                    Boolean.toString(each.right()),
                                    Double.isNaN(each.reward()) ? "" : Results.plain(each.reward()),
                                    cell(
                                            each.parts().isEmpty()
                                                    ? ""
                                                    : each.parts().toString()),
                                    Integer.toString(each.tokens()),
                                    each.stop(),
                                    cell(each.extracted().orElse("")),
                                    cell(each.target()),
                                    cell(each.question()),
                                    cell(each.completion())))
                            .append('\n');
                }
                send(out, lines);
            });
        });
    }

    /** A cell; one that a spreadsheet would compute gets an apostrophe, since models write whatever they like. */
    private static String cell(String text) {
        String safe = !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0 && !number(text) ? "'" + text : text;
        return '"' + safe.replace("\"", "\"\"") + '"';
    }

    private static boolean number(String text) {
        return text.matches("[-+]?[0-9][0-9.,]*");
    }

    /** The folder of a checkpoint, without what only training needs. */
    static Reply archive(String name, Path folder) {
        return named(name + ".zip", "application/zip", out -> {
            try (ZipOutputStream zip = new ZipOutputStream(new Unclosed(out));
                    Stream<Path> files = Files.walk(folder)) {
                zip.setLevel(Deflater.NO_COMPRESSION); // weights do not get smaller
                for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                    Path inside = folder.relativize(file);
                    if (!inside.startsWith("trainer")) {
                        zip.putNextEntry(
                                new ZipEntry(name + "/" + inside.toString().replace('\\', '/')));
                        Files.copy(file, zip);
                        zip.closeEntry();
                    }
                }
            }
        });
    }

    /** Takes some rollouts. */
    @FunctionalInterface
    private interface Rows {
        void take(List<KeptRollout> found) throws IOException;
    }

    private static void each(RunReader run, RolloutQuery query, int most, Rows rows) throws IOException {
        for (int from = 0; from < most; from += ROWS) {
            List<KeptRollout> found = run.rollouts(query.after(from).first(Math.min(ROWS, most - from)));
            rows.take(found);
            if (found.size() < ROWS) {
                return;
            }
        }
    }

    private static void send(OutputStream out, CharSequence text) throws IOException {
        out.write(text.toString().getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private static Reply named(String name, String type, Reply.Writer writer) {
        return new Reply.Headed(
                Map.of("Content-Disposition", "attachment; filename=\"" + name + "\""), new Reply.Stream(type, writer));
    }

    /** The archive ends before the reply does. */
    private static final class Unclosed extends java.io.FilterOutputStream {
        Unclosed(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
