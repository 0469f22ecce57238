package org.reft4j.model.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Values of the keyword {@code format}, as patterns. Some are narrower than their standard, so that validators agree on what was sampled, but for those that know the ends of mail addresses by heart:
 * letters in upper case where both are allowed, no leap seconds, names of hosts up to 63 characters.
 */
final class Formats {
    private static final String LEAP = "([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)";
    private static final String DAYS = "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|"
            + "02-(0[1-9]|1[0-9]|2[0-8]))";
    private static final String DATE = "([0-9]{4}-" + DAYS + "|" + LEAP + "-02-29)";
    private static final String CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]";
    private static final String TIME = CLOCK + ":[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-](0[0-9]|1[0-7]):[0-5][0-9])";
    private static final String LABEL = "[A-Za-z0-9]+(-[A-Za-z0-9]+)*";
    private static final String HOST = "[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*(\\." + LABEL + ")*";
    private static final String WORD = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final String N = "[0-9]{1,9}";

    /** Format to pattern, with the longest length behind. */
    private static final Map<String, String> PATTERNS = new TreeMap<>(Map.of(
            "date",
            DATE,
            "time",
            TIME,
            "date-time",
            DATE + "T" + TIME,
            "duration",
            duration(),
            "email",
            WORD + "(\\." + WORD + ")*@" + LABEL + "(\\." + LABEL + ")*\\.[A-Za-z]{2,8}",
            "hostname",
            HOST,
            "ipv4",
            OCTET + "(\\." + OCTET + "){3}",
            "ipv6",
            ipv6(),
            "uuid",
            "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
            "uri",
            "https?://" + HOST + "(:[0-9]{1,4})?(/[A-Za-z0-9._~-]*)*"));

    private static final int LONGEST = 63;

    private Formats() {}

    /** The patterns that hold for strings of a format, all of them. */
    static List<String> patterns(String format, String path) {
        String pattern = PATTERNS.get(format);
        if (pattern == null) {
            throw SchemaException.at(
                    path,
                    "format \"" + format + "\" cannot be held while sampling; expected one of "
                            + String.join(", ", PATTERNS.keySet()) + ", or a pattern");
        }
        String whole = "^(" + pattern + ")$";
        return List.of("hostname", "email").contains(format)
                ? List.of(whole, "^[^]{1," + LONGEST + "}$")
                : List.of(whole);
    }

    private static String duration() {
        String time = "T(" + N + "S|" + N + "M(" + N + "S)?|" + N + "H(" + N + "M(" + N + "S)?)?)";
        String date = "(" + N + "D|" + N + "M(" + N + "D)?|" + N + "Y(" + N + "M(" + N + "D)?)?)";
        return "P(" + N + "W|" + date + "(" + time + ")?|" + time + ")";
    }

    /** Eight groups, or up to seven with a gap. */
    private static String ipv6() {
        String group = "[0-9a-fA-F]{1,4}";
        List<String> forms = new ArrayList<>(List.of(group + "(:" + group + "){7}"));
        for (int before = 0; before <= 7; before++) {
            String head = before == 0 ? "" : group + "(:" + group + "){" + (before - 1) + "}";
            int after = 7 - before;
            String tail = after == 0 ? "" : "(" + group + "(:" + group + "){0," + (after - 1) + "})?";
            forms.add(head + "::" + tail);
        }
        return String.join("|", forms);
    }
}
