package org.reft4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The project keeps its rules, and a tree of classes that break them is seen to. */
class ArchitectureTest {
    private static final String ROOT = "org.reft4j";
    private static final String PLANTED = "org.reft4j.verify.planted";
    /** Fewer means that the rules were run over part of the project. */
    private static final int CLASSES = 900;

    private static final JavaClasses PROJECT = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages(ROOT);
    private static final JavaClasses BREAKERS = new ClassFileImporter().importPackages(PLANTED);

    static List<Rule> project() {
        return ArchitectureRules.of(ROOT);
    }

    static List<Rule> planted() {
        return ArchitectureRules.of(PLANTED);
    }

    @Test
    void theWholeProjectIsLookedAt() {
        var modules = new TreeSet<String>();
        PROJECT.forEach(type -> modules.add(type.getPackageName().replaceFirst("^org\\.reft4j\\.([a-z]+).*", "$1")));
        assertEquals(
                List.of(
                        "cli",
                        "experiment",
                        "ground",
                        "model",
                        "sandbox",
                        "server",
                        "task",
                        "template",
                        "tensor",
                        "train"),
                List.copyOf(modules));
        assertTrue(PROJECT.size() >= CLASSES, "only " + PROJECT.size() + " classes were found");
    }

    @ParameterizedTest
    @MethodSource("project")
    void theProjectKeeps(Rule rule) {
        var result = rule.over(PROJECT);
        assertTrue(!result.hasViolation(), () -> result.getFailureReport().toString());
    }

    @ParameterizedTest
    @MethodSource("planted")
    void aBreakerIsFound(Rule rule) {
        List<String> found = rule.over(BREAKERS).getFailureReport().getDetails();
        assertTrue(
                found.stream().anyMatch(detail -> detail.contains(rule.planted())),
                () -> rule.name() + " does not see " + rule.planted() + " but " + found);
    }

    /** A rule that finds fault with everything would pass the test above. */
    @ParameterizedTest
    @MethodSource("planted")
    void theBlamelessAreNot(Rule rule) {
        List<String> found = rule.over(BREAKERS).getFailureReport().getDetails();
        assertTrue(
                found.stream().noneMatch(detail -> detail.contains("Blameless")),
                () -> rule.name() + " finds fault with Blameless: " + found);
    }
}
