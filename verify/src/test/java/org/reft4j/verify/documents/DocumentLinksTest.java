package org.reft4j.verify.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whatever a document points at exists: files that links lead to, paths in the readme's tree, classes and methods named as code. */
class DocumentLinksTest {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern CODE = Pattern.compile("`([A-Z][a-z][A-Za-z0-9]*)(?:\\.([a-z][A-Za-z0-9]*))?`");
    private static final Pattern DECLARATION = Pattern.compile("\\b(?:class|record|interface|enum) ([A-Z]\\w*)");
    private static final Pattern FENCE = Pattern.compile("(?ms)^```.*?^```$");
    private static final Pattern TREE = Pattern.compile("(?ms)^## What is where\\s+```text\\n(.*?)^```$");

    /** Capitalised words in code font that are no classes of this project; neither are those that begin with My. */
    private static final Set<String> OTHERS = Set.of(
            "Problem",
            "Rationale",
            "Manager",
            "Helper",
            "Util",
            "Handler",
            "Processor",
            "Info",
            "Base",
            "Abstract",
            "Impl",
            "Tensor",
            "Math",
            "Hkv",
            "Body",
            "Question",
            "Equation",
            "Answer",
            "Type",
            "System",
            "MemoryError",
            "RecursionError",
            // of the Python package tinker
            "AdamParams",
            "RestClient",
            "SamplingClient",
            "ServiceClient",
            "TrainingClient");

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Document document : Document.all()) {
            broken.addAll(brokenLinks(document, document.text()));
        }
        assertEquals(List.of(), broken);
    }

    @Test
    void aBrokenLinkIsSeen() {
        List<String> broken = brokenLinks(new Document("docs/limits.md"), "[a](nowhere.md) [b](vocabulary.md#letters)");
        assertEquals(List.of("docs/limits.md: nowhere.md"), broken);
    }

    @Test
    void everyPathOfTheTreeExists() throws IOException {
        Matcher tree = TREE.matcher(new Document("README.md").text());
        assertTrue(tree.find(), "README.md has no tree under 'What is where'");
        List<String> paths = tree.group(1)
                .lines()
                .flatMap(line -> Stream.of(line.split(" {2,}", 2)[0].split(", ")))
                .toList();
        assertFalse(paths.isEmpty());
        assertEquals(
                List.of(),
                paths.stream()
                        .filter(path -> !Files.exists(new Document(path).file()))
                        .toList());
    }

    @Test
    void everyClassAndMethodThatIsNamedExists() throws IOException {
        Set<String> missing = new TreeSet<>();
        Map<String, String> sources = sources();
        for (Document document : Document.all()) {
            missing.addAll(missingNames(
                    sources, document, FENCE.matcher(document.text()).replaceAll("")));
        }
        assertEquals(Set.of(), missing);
    }

    @Test
    void aMissingMethodIsSeen() throws IOException {
        Document document = new Document("docs/x.md");
        assertEquals(
                Set.of("docs/x.md: Seeds.guess", "docs/x.md: NoSuchThing"),
                missingNames(sources(), document, "`Seeds.key`, `Seeds.guess` and `NoSuchThing`"));
    }

    private static List<String> brokenLinks(Document document, String text) {
        return LINK.matcher(text)
                .results()
                .map(link -> link.group(1))
                .filter(target -> !target.contains("://") && !target.startsWith("#"))
                .filter(target -> !Files.exists(document.file()
                        .resolveSibling(target.replaceFirst("#.*", ""))
                        .normalize()))
                .map(target -> document.path() + ": " + target)
                .toList();
    }

    private static Set<String> missingNames(Map<String, String> sources, Document document, String text) {
        Set<String> missing = new TreeSet<>();
        for (Matcher name = CODE.matcher(text); name.find(); ) {
            String type = name.group(1);
            String member = name.group(2);
            if (OTHERS.contains(type) || type.startsWith("My")) {
                continue;
            }
            String source = sources.getOrDefault(type, "");
            if (source.isEmpty() || (member != null && !source.contains(member + "("))) {
                missing.add(document.path() + ": " + type + (member == null ? "" : "." + member));
            }
        }
        return missing;
    }

    /** The text of every file that declares a type, by the type's simple name. */
    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        for (String module : List.of(
                "ground",
                "template",
                "sandbox",
                "tensor",
                "model",
                "task",
                "train",
                "experiment",
                "server",
                "cli",
                "verify")) {
            try (Stream<Path> files = Files.walk(new Document(module + "/src").file())) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    String text = Files.readString(file);
                    DECLARATION
                            .matcher(text)
                            .results()
                            .forEach(type -> sources.merge(type.group(1), text, String::concat));
                }
            }
        }
        return sources;
    }
}
