package org.reft4j.task.grade;

import java.net.URI;
import java.net.URISyntaxException;
import org.reft4j.ground.text.OneLine;

/** Reads where a service is and how often it may be asked. */
public final class HttpAddress {
    private HttpAddress() {}

    /** An absolute address of http or https with a host and without a user. */
    public static URI of(GraderFields fields, String field) {
        String text = fields.text(field);
        try {
            URI address = new URI(text);
            boolean web = "http".equalsIgnoreCase(address.getScheme()) || "https".equalsIgnoreCase(address.getScheme());
            if (web && address.getHost() != null && address.getUserInfo() == null && address.getFragment() == null) {
                return address;
            }
        } catch (URISyntaxException e) {
            // said below
        }
        throw fields.fault(
                field,
                "is \"" + OneLine.of(text) + "\"",
                "expected an address such as http://localhost:8000/v1, without user and fragment");
    }

    /** Calls in a second, more than 0; infinite where the field is missing. */
    public static double rate(GraderFields fields, String field) {
        double rate = fields.number(field, Double.POSITIVE_INFINITY);
        if (!(rate > 0)) {
            throw fields.fault(field, "is " + rate, "expected calls per second, more than 0");
        }
        return rate;
    }
}
