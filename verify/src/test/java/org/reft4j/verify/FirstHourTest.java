package org.reft4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page on a user's own data, followed to the letter: its files written, its commands run in their order. */
class FirstHourTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path PAGE = ROOT.resolve("docs/first-hour.md");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(sh|yaml)\\n(.*?)^```$");

    /** The first line of a block that is a file. */
    private static final Pattern FILE = Pattern.compile("# (\\S+\\.yaml)\\n");

    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

    @TempDir
    private Path folder;

    @Test
    void eachCommandDoesWhatThePageSays() throws IOException {
        int commands = 0;
        Matcher blocks = BLOCK.matcher(Files.readString(PAGE));
        while (blocks.find()) {
            String text = blocks.group(2);
            Matcher file = FILE.matcher(text);
            if (blocks.group(1).equals("sh")) {
                List<String> lines = text.lines().toList();
                lines.forEach(this::run);
                commands += lines.size();
            } else if (file.lookingAt()) {
                Files.writeString(folder.resolve(file.group(1)), text);
            }
        }
        assertTrue(commands >= 10, "only " + commands + " commands were found on the page");
        for (String left : List.of("shop.yaml", "runs/shop/report.html", "shop-model/config.json")) {
            assertTrue(Files.exists(folder.resolve(left)), left);
        }
    }

    private void run(String line) {
        List<String> words = new ArrayList<>(WORD.matcher(line)
                .results()
                .map((MatchResult word) -> word.group(1) == null ? word.group(2) : word.group(1))
                .toList());
        String program = words.removeFirst();
        if (program.equals("cp")) {
            copy(words.get(0), words.get(1));
            return;
        }
        assertEquals("./reft", program, line);
        Reft.Outcome outcome = Reft.run(folder, words.toArray(String[]::new));
        assertEquals(0, outcome.exit(), () -> line + "\n" + outcome.err() + outcome.out());
        if (words.contains("--explain")) {
            assertTrue(outcome.out().contains("Batch arithmetic"), outcome::out);
        }
    }

    private void copy(String from, String to) {
        try {
            Files.copy(ROOT.resolve(from), folder.resolve(to));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
