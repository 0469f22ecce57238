package org.reft4j.server.openai;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.reft4j.server.http.Dialect;

/**
 * Azure's paths: {@code /openai/v1/…}, the older {@code /openai/…?api-version=…}, and {@code /openai/deployments/NAME/…}, whose name is the
 * model. Its header {@code api-key} is read with the other keys, and its version of the API is not asked for.
 */
public final class AzureDialect implements Dialect {
    private static final Pattern DEPLOYMENT = Pattern.compile("/openai/(?:v1/)?deployments/([^/]+)(/.+)");
    private static final Pattern PLAIN = Pattern.compile("/openai(?:/v1)?(/.+)");

    @Override
    public Optional<Target> target(String rawPath) {
        Matcher deployment = DEPLOYMENT.matcher(rawPath);
        if (deployment.matches()) {
            String model = URLDecoder.decode(deployment.group(1).replace("+", "%2B"), StandardCharsets.UTF_8);
            return Optional.of(new Target("/v1" + deployment.group(2), Map.of("model", model)));
        }
        Matcher plain = PLAIN.matcher(rawPath);
        return plain.matches() ? Optional.of(new Target("/v1" + plain.group(1), Map.of())) : Optional.empty();
    }
}
