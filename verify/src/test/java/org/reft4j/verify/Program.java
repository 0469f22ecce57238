package org.reft4j.verify;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;

/**
 * The {@code reft} program as tests start it: the class path of this test, and an archive of the classes that a training run loads, made
 * once for all tests. With it a process that trains for two seconds takes a quarter less.
 *
 * @param classPath jars alone: a JVM makes no archive of classes in folders
 * @param archive options that name the archive; none where the JVM made none
 */
record Program(String classPath, List<String> archive) {
    private static final String MAIN = "org.reft4j.cli.Main";
    private static final long LIMIT_SECONDS = 240;
    private static final List<String> JVM = List.of(
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");
    /** The JVM remarks on standard output on classes that it leaves out. */
    private static final List<String> SILENT = List.of("-Xlog:cds=off", "-Xlog:aot=off");

    private static final class Holder {
        private static final Program ONLY = make();
    }

    /** The program; made by the first test that asks for it. */
    static Program get() {
        return Holder.ONLY;
    }

    /** The command line that starts it. */
    List<String> command(List<String> arguments) {
        return command(archive, arguments);
    }

    /** The command line that starts it as on a machine with one processor: with one worker for programs. */
    List<String> commandOnOneProcessor(List<String> arguments) {
        return command(
                Stream.concat(archive.stream(), Stream.of("-XX:ActiveProcessorCount=1"))
                        .toList(),
                arguments);
    }

    private List<String> command(List<String> options, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM);
        command.addAll(options);
        command.add("-cp");
        command.add(classPath);
        command.add(MAIN);
        command.addAll(arguments);
        return command;
    }

    private static Program make() {
        try {
            Path folder = Files.createTempDirectory("reft-program");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
            List<String> jars = new ArrayList<>();
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
                Path path = Path.of(entry);
                if (Files.isDirectory(path)) {
                    jars.add(jar(path, folder.resolve(jars.size() + ".jar")).toString());
                } else if (Files.exists(path)) {
                    jars.add(entry);
                }
            }
            Program program = new Program(String.join(File.pathSeparator, jars), List.of());
            return new Program(program.classPath, program.archived(folder));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot pack the class path", e);
        }
    }

    /** Lets a short training run leave the archive of its classes. */
    private List<String> archived(Path folder) throws IOException {
        Path archive = folder.resolve("classes.jsa");
        Path config = Files.writeString(folder.resolve("sft.yaml"), Tiny.yaml("sft", Tiny.sft("n", 1)));
        List<String> options = Stream.concat(Stream.of("-XX:ArchiveClassesAtExit=" + archive), SILENT.stream())
                .toList();
        Path said = folder.resolve("output");
        Process process = new ProcessBuilder(command(options, List.of("train", config.toString())))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new AssertionError("the first run failed: " + Files.readString(said));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + MAIN, e);
        }
        return Files.exists(archive)
                ? Stream.concat(Stream.of("-XX:SharedArchiveFile=" + archive), SILENT.stream())
                        .toList()
                : List.of();
    }

    private static Path jar(Path folder, Path jar) throws IOException {
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream packed = new JarOutputStream(out);
                Stream<Path> files = Files.walk(folder)) {
            packed.setLevel(Deflater.NO_COMPRESSION);
            // Folders too: migrations of databases are looked for in them.
            for (Path file : (Iterable<Path>) files.filter(each -> !each.equals(folder))::iterator) {
                String name = folder.relativize(file).toString().replace(File.separatorChar, '/');
                packed.putNextEntry(new ZipEntry(Files.isDirectory(file) ? name + "/" : name));
                if (!Files.isDirectory(file)) {
                    Files.copy(file, packed);
                }
                packed.closeEntry();
            }
        }
        return jar;
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(java.util.Comparator.reverseOrder()).map(Path::toFile).forEach(file -> {
                boolean _ = file.delete();
            });
        } catch (IOException e) {
            System.err.println("cannot delete " + folder + ": " + e.getMessage());
        }
    }
}
