package org.reft4j.ground.settings;

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
    private final String waiver;

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
        this.waiver = "";
    }

    /** A fault that is not that of one value. */
    public SettingException(String message, @Nullable Throwable cause) {
        this(new Waiver(""), message, cause);
    }

    /** The same refusal as an exception of another class. */
    protected SettingException(SettingException refused) {
        super(refused.getMessage(), refused);
        this.place = refused.place;
        this.key = refused.key;
        this.value = refused.value;
        this.expected = refused.expected;
        this.waiver = refused.waiver;
    }

    /**
     * A setting that makes a fault good.
     *
     * @param setting such as {@code samples.mismatch=accept}
     */
    public record Waiver(String setting) {}

    /**
     * A fault that another setting makes good.
     *
     * @param message says everything but that setting, with which it ends
     */
    protected SettingException(Waiver waiver, String message, @Nullable Throwable cause) {
        super(message + waiver.setting(), cause);
        this.waiver = waiver.setting();
        this.place = "";
        this.key = "";
        this.value = "";
        this.expected = "";
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
     * @param way in front of the setting that makes the fault good, such as the option of a command
     */
    public String message(String way) {
        String plain = String.valueOf(getMessage());
        return waiver.isEmpty() ? plain : plain.substring(0, plain.length() - waiver.length()) + way + waiver;
    }
}
