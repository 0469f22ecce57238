package org.reft4j.server.tinker;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.reft4j.ground.files.Json;

/** A checkpoint as a tar archive: the adapter in PEFT's form, its tokenizer, and the optimiser's state where it has one. */
final class Archive {
    private static final int BLOCK = 512;
    private static final String CONFIG = "adapter_config.json";

    private Archive() {}

    /** @param base name of the base model, which takes the place of this machine's path to it */
    static void write(OutputStream out, Path folder, String base) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(Files::isRegularFile)
                    .filter(file -> !file.endsWith("saved.json"))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            String name = name(folder, file);
            if (name.equals(CONFIG) && Json.PLAIN.readTree(file.toFile()) instanceof ObjectNode config) {
                byte[] text = Json.PLAIN.writeValueAsBytes(config.put("base_model_name_or_path", base));
                out.write(header(name, text.length));
                out.write(text);
                out.write(new byte[rest(text.length)]);
            } else {
                add(out, name, file);
            }
        }
        out.write(new byte[2 * BLOCK]);
    }

    /** Some files of a folder, as they are. */
    static void write(OutputStream out, Path folder, List<Path> files) throws IOException {
        for (Path file : files) {
            add(out, name(folder, file), file);
        }
        out.write(new byte[2 * BLOCK]);
    }

    private static String name(Path folder, Path file) {
        return folder.relativize(file).toString().replace('\\', '/');
    }

    private static void add(OutputStream out, String name, Path file) throws IOException {
        long size = Files.size(file);
        out.write(header(name, size));
        Files.copy(file, out);
        out.write(new byte[rest(size)]);
    }

    private static int rest(long size) {
        return (int) ((BLOCK - size % BLOCK) % BLOCK);
    }

    /** A header of POSIX' ustar form. */
    private static byte[] header(String name, long size) {
        byte[] header = new byte[BLOCK];
        put(header, 0, name);
        put(header, 100, "0000644\0");
        put(header, 108, "0000000\0");
        put(header, 116, "0000000\0");
        put(header, 124, String.format(Locale.ROOT, "%011o\0", size));
        put(header, 136, "00000000000\0");
        put(header, 148, "        ");
        put(header, 156, "0");
        put(header, 257, "ustar\00000");
        int sum = 0;
        for (byte each : header) {
            sum += each & 0xff;
        }
        put(header, 148, String.format(Locale.ROOT, "%06o\0 ", sum));
        return header;
    }

    private static void put(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }
}
