package org.reft4j.ground.settings;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A setting that is refused: a key, its value, and what was expected. Whoever refuses a value says these; whoever read it adds the place
 * where it was given, such as {@code reft.yaml:12}. The message puts them together: {@code place: key is value; expected …}.
 */
public class SettingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String place;
    private final String key;
    private final String value;
    private final String expected;
    private final String before;
    private final String[] settings;
    private final boolean resume;
    private final String after;

    /** A value that is refused, of which it is not said yet where it was given. */
    public SettingException(String key, Object value, String expected) {
        this("", key, value, expected, null);
    }

    /**
     * A value that is refused.
     *
     * @param place where it was given; empty if the reader is to say so
     * @param key with its sections, such as {@code ppo.kl}
     */
    public SettingException(String place, String key, Object value, String expected, @Nullable Throwable cause) {
        super((place.isEmpty() ? "" : place + ": ") + key + " is " + value + "; expected " + expected, cause);
        this.place = place;
        this.key = key;
        this.value = String.valueOf(value);
        this.expected = expected;
        this.before = "";
        this.settings = new String[0];
        this.resume = false;
        this.after = "";
    }

    /** A fault that is not that of one value. */
    public SettingException(String message, @Nullable Throwable cause) {
        this(message, Remedy.NONE, "", cause);
    }

    /** The same refusal as an exception of another class. */
    protected SettingException(SettingException refused) {
        super(refused.getMessage(), refused);
        this.place = refused.place;
        this.key = refused.key;
        this.value = refused.value;
        this.expected = refused.expected;
        this.before = refused.before;
        this.settings = refused.settings;
        this.resume = refused.resume;
        this.after = refused.after;
    }

    /**
     * A remedy that each face of the program words in its own way: a command names its options.
     *
     * @param settings to be given, such as {@code samples.mismatch=accept}
     * @param resume true if a run is to be resumed
     */
    public record Remedy(List<String> settings, boolean resume) {
        static final Remedy NONE = new Remedy(List.of(), false);

        public Remedy {
            settings = List.copyOf(settings);
        }

        private String plain() {
            return String.join(" ", settings);
        }
    }

    /**
     * A fault with a remedy.
     *
     * @param before the message up to the remedy
     * @param after the rest of it, for which the remedy is put in brackets; empty if the remedy ends the message
     */
    protected SettingException(String before, Remedy remedy, String after, @Nullable Throwable cause) {
        super(sentence(before, remedy.plain(), after), cause);
        this.before = before;
        this.settings = remedy.settings().toArray(String[]::new);
        this.resume = remedy.resume();
        this.after = after;
        this.place = "";
        this.key = "";
        this.value = "";
        this.expected = "";
    }

    private static String sentence(String before, String words, String after) {
        String remedy = words.isEmpty() || after.isEmpty() ? words : " (" + words + ")";
        return before + remedy + after;
    }

    /**
     * The same refusal, with the place where the value was given.
     *
     * @param caught the exception that it arrived in
     */
    public SettingException at(String given, Throwable caught) {
        return key.isEmpty()
                ? new SettingException(given + ": " + getMessage(), caught)
                : new SettingException(given, key, value, expected, caught);
    }

    /** The place where the value was given; empty if nobody said. */
    public String place() {
        return place;
    }

    /** The key with its sections; empty where the fault is not that of one value. */
    public String key() {
        return key;
    }

    /** The value that is refused, as text. */
    public String value() {
        return value;
    }

    /** Values that were expected instead. */
    public String expected() {
        return expected;
    }

    /**
     * The message for people who give settings in a way of their own.
     *
     * @param words the remedy in their words
     */
    public String message(Function<Remedy, String> words) {
        return before.isEmpty()
                ? String.valueOf(getMessage())
                : sentence(before, words.apply(new Remedy(List.of(settings), resume)), after);
    }
}
