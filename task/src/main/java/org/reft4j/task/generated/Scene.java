package org.reft4j.task.generated;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.reft4j.task.dataset.DataException;

/**
 * People and things of a story, and the sentences told so far. Sentences are kept with marks, such as {@code <1 him>}
 * for the second person or {@code <t0>} for the first thing; the words come last, so that text and skeleton have one
 * source.
 */
final class Scene {
    private static final double PRONOUN = 0.5;
    private static final int PEOPLE = 3;
    private static final int NOUNS = 5;
    private static final String BOTH = "+";
    private static final Pattern PLACE = Pattern.compile("\\{([^}]+)}");
    private static final Pattern MARK = Pattern.compile("<([^ >]+)( [^>]+)?>");

    private final SplittableRandom random;
    private final List<StoryBook.Person> people;
    private final List<StoryBook.Noun> things;
    private final List<StoryBook.Noun> boxes;
    private final List<String> sentences = new ArrayList<>();
    private final List<Integer> mentioned = new ArrayList<>();
    private String holder = "0";
    private String other = "1";
    private String noun = "t0";
    private int nextThing = 1;
    private int nextBox;
    /** The person whom the last sentence was about, if about nobody else; blank before the first. */
    private String subject = "";

    private boolean backwards;

    Scene(StoryBook book, SplittableRandom random, Zipf zipf) {
        this.random = random;
        this.people = draw(book.people(), PEOPLE, zipf);
        this.things = draw(book.things(), NOUNS, zipf);
        this.boxes = draw(book.boxes(), NOUNS, zipf);
    }

    private static <T> List<T> draw(List<T> from, int count, Zipf zipf) {
        List<T> drawn = new ArrayList<>();
        while (drawn.size() < count) {
            T candidate = from.get(zipf.draw(from.size()));
            if (!drawn.contains(candidate)) {
                drawn.add(candidate);
            }
        }
        return drawn;
    }

    boolean both() {
        return holder.equals(BOTH);
    }

    void turnToOther() {
        String before = both() ? "0" : holder;
        holder = other;
        other = before;
    }

    void turnToBoth() {
        holder = BOTH;
        other = "2";
    }

    void turnToBoxes() {
        noun = "b" + nextBox++;
    }

    void turnToOthers() {
        noun = "t" + nextThing++;
    }

    void say(String sentence, int... numbers) {
        if (!sentence.isBlank()) {
            sentences.add(marked(withNumbers(sentence, numbers)));
        }
    }

    /** Forgets what was said: the story is told from another end. */
    void startOver() {
        sentences.clear();
        mentioned.clear();
        subject = "";
        backwards = true;
    }

    /** A sentence about something else, where it does not come between a person and the pronoun for them. */
    void addAside(String sentence, int number) {
        String aside = withNumbers(sentence, number);
        int first = backwards ? 2 : 1;
        int at = sentence.contains("{B}") || random.nextInt(2) == 0 || first > sentences.size()
                ? 0
                : random.nextInt(first, sentences.size() + 1);
        sentences.add(at, aside.replace("{B}", "<" + other + ">"));
    }

    /** The question as the first sentence. */
    void announce(String sentence) {
        String names = both() ? "<0> and <1>" : "<" + holder + ">";
        sentences.addFirst(marked(sentence.replace("{A}", names)));
    }

    /** A question with its marks. */
    String question(String question) {
        return marked(question);
    }

    /** Words for a sentence that stands alone, as in a rationale. */
    String plain(String sentence) {
        subject = "";
        return capital(worded(marked(sentence)));
    }

    /** @param question with its marks; blank if it was announced */
    Story story(String question, int start, List<Story.Step> steps) {
        List<String> all = new ArrayList<>(sentences);
        if (!question.isEmpty()) {
            all.add(question);
        }
        String text = String.join(
                " ", all.stream().map(this::worded).map(Scene::capital).toList());
        String skeleton = String.join(" ", all.stream().map(Scene::masked).toList());
        return new Story(text, skeleton, start, List.copyOf(steps), List.copyOf(mentioned));
    }

    private String withNumbers(String sentence, int... numbers) {
        for (int number : numbers) {
            mentioned.add(number);
        }
        String told = sentence.replace("{n}", Integer.toString(numbers[0]));
        return numbers.length > 1 ? told.replace("{m}", Integer.toString(numbers[1])) : told;
    }

    private String marked(String sentence) {
        boolean known = subject.equals(holder) && !sentence.contains("{A} and {B}");
        boolean aboutHolder = false;
        boolean aboutOther = false;
        StringBuilder marked = new StringBuilder();
        Matcher place = PLACE.matcher(sentence);
        while (place.find()) {
            String key = place.group(1);
            boolean pronoun = both() || aboutHolder || (known && random.nextDouble() < PRONOUN);
            place.appendReplacement(marked, Matcher.quoteReplacement(mark(key, pronoun)));
            aboutOther |= key.startsWith("B");
            aboutHolder |= !aboutOther && (key.startsWith("A") || key.equals("him") || key.equals("his"));
        }
        place.appendTail(marked);
        if (aboutOther) {
            subject = "";
        } else if (aboutHolder) {
            subject = holder;
        }
        return marked.toString();
    }

    private String mark(String key, boolean pronoun) {
        return switch (key) {
            case "A" -> pronoun ? "<" + holder + " he>" : "<" + holder + ">";
            case "A's", "his" -> pronoun ? "<" + holder + " his>" : "<" + holder + ">'s";
            case "him" -> pronoun ? "<" + holder + " him>" : "<" + holder + ">";
            case "B" -> "<" + other + ">";
            case "B's" -> "<" + other + ">'s";
            case "things" -> "<" + noun + " many>";
            case "thing" -> "<" + noun + ">";
            case "others" -> "<t" + nextThing + " many>";
            case "other" -> "<t" + nextThing + ">";
            case "boxes" -> "<b" + nextBox + " many>";
            case "box" -> "<b" + nextBox + ">";
            case "sum" -> "{sum}";
            default ->
                throw new DataException("stories.txt: {" + key + "} is no placeholder; see the head of the file");
        };
    }

    private String worded(String marked) {
        return MARK.matcher(marked)
                .replaceAll(mark -> word(
                        mark.group(1),
                        mark.group(2) == null ? "" : mark.group(2).strip()));
    }

    private String word(String whom, String form) {
        if (whom.equals(BOTH)) {
            return switch (form) {
                case "his" -> "their";
                case "him" -> "them";
                default -> "they";
            };
        }
        char kind = whom.charAt(0);
        if (kind == 't' || kind == 'b') {
            StoryBook.Noun named = (kind == 't' ? things : boxes).get(Integer.parseInt(whom.substring(1)) % NOUNS);
            return form.isEmpty() ? named.one() : named.many();
        }
        StoryBook.Person person = people.get(Integer.parseInt(whom));
        return switch (form) {
            case "he" -> person.she() ? "she" : "he";
            case "his" -> person.she() ? "her" : "his";
            case "him" -> person.she() ? "her" : "him";
            default -> person.name();
        };
    }

    /** One mark for a person whether named or not, and one for a thing whether one or many. */
    private static String masked(String marked) {
        return marked.replaceAll("<(\\d|\\+) his>", "<$1>'s").replaceAll("<([^ >]+) [^>]+>", "<$1>");
    }

    private static String capital(String sentence) {
        return Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1);
    }
}
