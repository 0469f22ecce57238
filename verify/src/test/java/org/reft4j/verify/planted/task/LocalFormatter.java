package org.reft4j.verify.planted.task;

/** Writes numbers in the way of the country it runs in. */
final class LocalFormatter {
    @SuppressWarnings("StringFormatWithoutLocale")
    String text(double value) {
        return String.format("%.2f", value);
    }
}
