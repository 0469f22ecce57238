package org.reft4j.train.settings;

/**
 * The size of one update of the optimiser, as far as the settings tell it.
 *
 * @param rows usual number of rows
 * @param mostRows largest number of rows; {@link #UNKNOWN} if it depends on the data
 * @param rowTokens longest row in tokens
 */
public record UpdateSize(long rows, long mostRows, int rowTokens) {
    /** A number of rows that settings do not limit. */
    public static final long UNKNOWN = Long.MAX_VALUE;

    /** Updates of always the same number of rows. */
    public UpdateSize(long rows, int rowTokens) {
        this(rows, rows, rowTokens);
    }

    /** Most tokens of an update, of a model that reads no longer rows than {@code context}. */
    public long mostTokens(int context) {
        return mostRows == UNKNOWN ? UNKNOWN : mostRows * Math.min(rowTokens, context);
    }
}
