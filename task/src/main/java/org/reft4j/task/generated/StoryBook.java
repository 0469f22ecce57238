package org.reft4j.task.generated;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.reft4j.task.dataset.DataException;

/**
 * The words and sentences of generated stories, read from the resource {@code stories.txt}, whose head explains its
 * form.
 */
final class StoryBook {
    /**
     * Somebody in a story.
     *
     * @param she whether "she" or "he"
     */
    record Person(String name, boolean she) {}

    record Noun(String one, String many) {}

    private static final String RESOURCE = "stories.txt";
    private static final Pattern MOVE = Pattern.compile("move (\\w+) (\\S+) -> (\\w+): (.*); (\\w+)");
    private static final StoryBook INSTANCE = read();

    private final List<Person> people = new ArrayList<>();
    private final List<Noun> things = new ArrayList<>();
    private final List<Noun> boxes = new ArrayList<>();
    private final List<Move> moves = new ArrayList<>();
    private final SequencedMap<String, List<String>> sections = new LinkedHashMap<>();

    private StoryBook() {}

    static StoryBook instance() {
        return INSTANCE;
    }

    List<Person> people() {
        return people;
    }

    List<Noun> things() {
        return things;
    }

    List<Noun> boxes() {
        return boxes;
    }

    List<Move> moves() {
        return moves;
    }

    /** The sentences of a section, such as {@code ask money}; none where the book has no such section. */
    List<String> sentences(String section) {
        return sections.getOrDefault(section, List.of());
    }

    private static StoryBook read() {
        StoryBook book = new StoryBook();
        for (String line : text().lines().toList()) {
            if (line.startsWith("[")) {
                book.sections.put(line.substring(1, line.length() - 1), new ArrayList<>());
            } else if (!line.isBlank() && !line.startsWith("#")) {
                book.sections.lastEntry().getValue().add(line);
            }
        }
        book.sections.forEach(book::take);
        return book;
    }

    private static String text() {
        try (InputStream in = StoryBook.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new DataException("the resource " + RESOURCE + " is missing from the program: build it again");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new DataException("the resource " + RESOURCE + " cannot be read: " + e.getMessage(), e);
        }
    }

    private void take(String title, List<String> lines) {
        switch (title) {
            case "people" ->
                nouns(lines)
                        .forEach(pair ->
                                people.add(new Person(pair.one(), pair.many().equals("she"))));
            case "things" -> things.addAll(nouns(lines));
            case "boxes" -> boxes.addAll(nouns(lines));
            default -> {
                if (title.startsWith("move ")) {
                    moves.add(move(title, lines));
                }
            }
        }
    }

    /** Pairs of words with commas between them. */
    private static List<Noun> nouns(List<String> lines) {
        return Arrays.stream(String.join(" ", lines).split(",", -1))
                .map(String::strip)
                .filter(pair -> !pair.isEmpty())
                .map(pair -> new Noun(pair.substring(0, pair.indexOf(' ')), pair.substring(pair.indexOf(' ') + 1)))
                .toList();
    }

    private static Move move(String title, List<String> lines) {
        Matcher header = MOVE.matcher(title);
        if (!header.find()) {
            throw new DataException(RESOURCE + ": [" + title + "] is no move; see the head of the file");
        }
        Set<Move.Holding> from = EnumSet.noneOf(Move.Holding.class);
        for (String name : header.group(2).split(",", -1)) {
            from.add(Move.Holding.valueOf(name.toUpperCase(Locale.ROOT)));
        }
        Move.Holding to = header.group(3).equals("same")
                ? Move.Holding.START
                : Move.Holding.valueOf(header.group(3).toUpperCase(Locale.ROOT));
        String[] formula = header.group(4).split(" ", -1);
        Move.Turn turn = Move.Turn.valueOf(header.group(5).toUpperCase(Locale.ROOT));
        Move.Effect effect = new Move.Effect(from, to, operator(formula[1]), amount(formula), turn);
        List<String> sentences = new ArrayList<>();
        List<Move.Closing> closings = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            int bar = line.indexOf('|');
            if (bar < 0) {
                sentences.add(line);
            } else {
                closings.add(new Move.Closing(
                        line.substring(0, bar).strip(), line.substring(bar + 1).strip()));
            }
        }
        return new Move(header.group(1), effect, lines.getFirst().substring(2), sentences, closings);
    }

    private static char operator(String word) {
        return word.equals("difference") ? '~' : word.charAt(0);
    }

    private static Move.Amount amount(String[] formula) {
        if (formula[0].equals("bill")) {
            return Move.Amount.BILL;
        }
        if (formula[0].equals("earlier")) {
            return Move.Amount.EARLIER;
        }
        return switch (formula[2]) {
            case "2" -> Move.Amount.TWO;
            case "3" -> Move.Amount.THREE;
            default -> Move.Amount.valueOf(formula[2].toUpperCase(Locale.ROOT));
        };
    }
}
