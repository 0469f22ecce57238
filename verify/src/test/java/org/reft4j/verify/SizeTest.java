package org.reft4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of more than 400 lines and methods of more than 60 hold two things; those that are there may shrink and not grow. */
class SizeTest {
    private static final int FILE = 400;
    private static final int METHOD = 60;
    private static final Path ROOT = Path.of(System.getProperty("reft4j.root", "."));

    /** Lines of what is too long today. An entry that is no longer needed must go; nothing may be added without a reason. */
    private static final SortedMap<String, Integer> KNOWN = new TreeMap<>(Map.of("GoldenReftTest.replay", 74));

    /** Files of a package of the program. */
    private static final int PACKAGE = 40;

    @Test
    void noPackageHasMoreFilesThanAReaderKeepsApart() throws IOException {
        SortedMap<String, Integer> large = new TreeMap<>();
        try (Stream<Path> files = Files.walk(ROOT, 12)) {
            files.filter(file -> file.toString().contains("/src/main/java/")
                            && file.toString().endsWith(".java"))
                    .filter(file -> !file.endsWith("package-info.java"))
                    .collect(Collectors.groupingBy(Path::getParent, Collectors.summingInt(_ -> 1)))
                    .forEach((where, count) -> {
                        if (count > PACKAGE) {
                            Path module = ROOT.relativize(where).getName(0);
                            large.put(module + "/" + where.getFileName(), count);
                        }
                    });
        }
        assertEquals(Map.of(), large);
    }

    @TempDir
    Path folder;

    @Test
    void nothingElseIsTooLong() throws IOException {
        try (Stream<Path> modules = Files.list(ROOT)) {
            List<Path> sources = modules.map(module -> module.resolve("src"))
                    .filter(Files::isDirectory)
                    .toList();
            assertTrue(sources.size() >= 7, sources::toString);
            assertEquals(KNOWN, tooLong(sources));
        }
    }

    @Test
    void aLongFileAndALongMethodAreSeen() throws IOException {
        String method = "void m() {\n" + "    m();\n".repeat(METHOD - 1) + "}\n";
        Files.writeString(folder.resolve("Long.java"), "class Long {\n" + method + "\n".repeat(FILE) + "}\n");
        assertEquals(Map.of("Long.java", 1 + METHOD + 1 + FILE + 1, "Long.m", METHOD + 1), tooLong(List.of(folder)));
    }

    /** Lines of every file and method beyond the limits, by file name or by {@code Class.method}. */
    private static SortedMap<String, Integer> tooLong(List<Path> folders) throws IOException {
        SortedMap<String, Integer> found = new TreeMap<>();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            for (Path source : folders) {
                List<Path> files;
                try (Stream<Path> below = Files.walk(source)) {
                    files = below.filter(file -> file.toString().endsWith(".java"))
                            .toList();
                }
                for (Path file : files) {
                    note(
                            found,
                            file.getFileName().toString(),
                            Files.readAllLines(file).size(),
                            FILE);
                }
                JavacTask task = (JavacTask) compiler.getTask(
                        null,
                        manager,
                        _ -> {},
                        List.of("-proc:none"),
                        null,
                        manager.getJavaFileObjectsFromPaths(files));
                SourcePositions positions = Trees.instance(task).getSourcePositions();
                for (CompilationUnitTree unit : task.parse()) {
                    unit.accept(new Methods(unit, positions, found), null);
                }
            }
        }
        return found;
    }

    private static void note(SortedMap<String, Integer> found, String what, int lines, int most) {
        if (lines > most) {
            found.merge(what, lines, Math::max);
        }
    }

    /** Counts the lines of each method, from its opening brace to its closing one. */
    private static final class Methods extends TreeScanner<Void, Void> {
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final SortedMap<String, Integer> found;

        private Methods(CompilationUnitTree unit, SourcePositions positions, SortedMap<String, Integer> found) {
            this.unit = unit;
            this.positions = positions;
            this.found = found;
        }

        @Override
        public Void visitMethod(MethodTree method, Void nothing) {
            if (method.getBody() != null) {
                LineMap lines = unit.getLineMap();
                long first = lines.getLineNumber(positions.getStartPosition(unit, method.getBody()));
                long last = lines.getLineNumber(positions.getEndPosition(unit, method.getBody()));
                String file =
                        Path.of(unit.getSourceFile().getName()).getFileName().toString();
                note(found, file.replace(".java", ".") + method.getName(), (int) (last - first + 1), METHOD);
            }
            return super.visitMethod(method, null);
        }
    }
}
