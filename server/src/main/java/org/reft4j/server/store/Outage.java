package org.reft4j.server.store;

import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** A failure that is nobody's fault and passes: the disk is full, or the database is away or busy. */
public enum Outage {
    DISK_FULL("The server's disk is full; nothing was changed. Delete files or checkpoints, or ask its operator."),
    DATABASE_AWAY("The server's database does not answer at the moment; try again in a second.");

    /** Error code of SQLite, which has no SQL states. */
    private static final int BUSY = 5;

    private static final int FULL = 13;
    /** Classes of SQL states: no connection, too many of them, the database is being shut down or starts. */
    private static final Set<String> AWAY = Set.of("08", "57");

    private static final Set<String> NO_CONNECTION_LEFT = Set.of("53300");
    private static final Set<String> NO_ROOM = Set.of("53100");

    private final String sentence;

    Outage(String sentence) {
        this.sentence = sentence;
    }

    /** A sentence for clients. */
    public String sentence() {
        return sentence;
    }

    /** The outage that a failure comes from; empty if it is a fault. */
    public static Optional<Outage> of(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            Optional<Outage> found = each instanceof SQLException sql ? of(sql) : Optional.empty();
            if (found.isPresent()) {
                return found;
            }
            if (each instanceof StoreFullException || noRoom(String.valueOf(each.getMessage()))) {
                return Optional.of(DISK_FULL);
            }
        }
        return Optional.empty();
    }

    private static Optional<Outage> of(SQLException failure) {
        String state = failure.getSQLState();
        if (state == null) {
            return switch (failure.getErrorCode()) {
                case FULL -> Optional.of(DISK_FULL);
                case BUSY -> Optional.of(DATABASE_AWAY);
                // The pool has none within its time.
                default ->
                    failure instanceof java.sql.SQLTransientConnectionException
                            ? Optional.of(DATABASE_AWAY)
                            : Optional.empty();
            };
        }
        if (NO_ROOM.contains(state)) {
            return Optional.of(DISK_FULL);
        }
        return NO_CONNECTION_LEFT.contains(state) || (state.length() == 5 && AWAY.contains(state.substring(0, 2)))
                ? Optional.of(DATABASE_AWAY)
                : Optional.empty();
    }

    /** The words of systems and of SQLite; Java has no type for it. */
    private static boolean noRoom(String message) {
        String words = message.toLowerCase(Locale.ROOT);
        return words.contains("no space left on device")
                || words.contains("not enough space on the disk")
                || words.contains("database or disk is full");
    }
}
