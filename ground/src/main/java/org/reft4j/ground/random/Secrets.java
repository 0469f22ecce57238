package org.reft4j.ground.random;

import java.security.SecureRandom;
import java.util.Base64;

/** Random texts that nobody can guess, such as keys and ids of a service. Nothing that is to be repeated may depend on them: that is {@link Seeds}' business. */
public final class Secrets {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int ID_LETTERS = 24;

    private Secrets() {}

    /** A new id of 142 random bits: the prefix, such as {@code file-}, and letters and digits. */
    public static String id(String prefix) {
        StringBuilder id = new StringBuilder(prefix);
        for (int i = 0; i < ID_LETTERS; i++) {
            id.append(LETTERS.charAt(RANDOM.nextInt(LETTERS.length())));
        }
        return id.toString();
    }

    /** A new number, such as the seed of who wants none in particular. */
    public static long number() {
        return RANDOM.nextLong();
    }

    /**
     * A new key in the letters of URLs.
     *
     * @param bytes number of random bytes in it
     */
    public static String key(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }
}
