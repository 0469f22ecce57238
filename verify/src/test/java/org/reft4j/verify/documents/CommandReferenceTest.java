package org.reft4j.verify.documents;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.reft4j.cli.Main;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

class CommandReferenceTest {
    private static final int WIDTH = 100;
    private static final String HEAD = """
            # Commands

            <!-- Generated from the commands' own help; CommandReferenceTest says how to refresh it. Do not edit. -->

            What `./reft COMMAND --help` prints. In a release, the command is `bin/reft`.
            """;

    @Test
    void thePageIsFresh() throws IOException {
        new Document("docs/reference/cli.md").mustBe(page());
    }

    @Test
    void everyCommandSaysWhatItDoes() {
        Main.commandLine()
                .getSubcommands()
                .forEach((name, command) -> assertTrue(
                        command.getCommandSpec().usageMessage().description().length > 0,
                        name + " has no description"));
    }

    private static String page() {
        CommandLine reft = Main.commandLine().setUsageHelpWidth(WIDTH);
        StringBuilder page = new StringBuilder(HEAD);
        appendAll(page, "reft", reft);
        return page.toString();
    }

    /** A command, and those in it. */
    private static void appendAll(StringBuilder page, String title, CommandLine command) {
        append(page, title, command);
        command.getSubcommands().forEach((name, inner) -> {
            boolean own =
                    inner.getCommandSpec().userObject().getClass().getName().startsWith("org.reft4j.");
            if (own && !inner.getCommandSpec().usageMessage().hidden()) {
                appendAll(page, title + " " + name, inner);
            }
        });
    }

    private static void append(StringBuilder page, String title, CommandLine command) {
        String usage = command.getUsageMessage(Ansi.OFF).replace(System.lineSeparator(), "\n");
        page.append("\n## ")
                .append(title)
                .append("\n\n```text\n")
                .append(usage.replaceAll("[ \\t]+\n", "\n").strip())
                .append("\n```\n");
    }
}
