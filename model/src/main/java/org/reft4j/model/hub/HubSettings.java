package org.reft4j.model.hub;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the hub from environment variables, those that the hub's other tools read.
 *
 * <p>Source: the documentation of huggingface_hub, page "Environment variables".
 *
 * @param cache the folder of models ({@code HF_HUB_CACHE}, or {@code hub} in {@code HF_HOME})
 * @param endpoint address of the hub ({@code HF_ENDPOINT})
 * @param token sent to the endpoint alone ({@code HF_TOKEN}, or the file that {@code hf auth login} writes)
 * @param offline whether requests are forbidden ({@code HF_HUB_OFFLINE})
 * @param pause between attempts after a failure that may pass
 */
public record HubSettings(Path cache, URI endpoint, Optional<String> token, boolean offline, Duration pause) {
    private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");

    /** The settings of this process. */
    public static HubSettings current() {
        return of(System.getenv(), Path.of(System.getProperty("user.home", "")));
    }

    /**
     * Reads variables.
     *
     * @param home the folder of the user
     */
    public static HubSettings of(Map<String, String> environment, Path home) {
        String cacheHome = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path base = path(environment, "HF_HOME", home)
                .orElse((cacheHome.isEmpty() ? home.resolve(".cache") : Path.of(cacheHome)).resolve("huggingface"));
        Path cache = path(environment, "HF_HUB_CACHE", home)
                .or(() -> path(environment, "HUGGINGFACE_HUB_CACHE", home))
                .orElse(base.resolve("hub"));
        Path tokenFile = path(environment, "HF_TOKEN_PATH", home).orElse(base.resolve("token"));
        boolean offline = isTrue(environment.get("HF_HUB_OFFLINE")) || isTrue(environment.get("TRANSFORMERS_OFFLINE"));
        return new HubSettings(
                cache,
                endpoint(environment.getOrDefault("HF_ENDPOINT", "")),
                token(environment, tokenFile),
                offline,
                Duration.ofSeconds(1));
    }

    private static boolean isTrue(@Nullable String value) {
        return value != null && TRUE.contains(value.toUpperCase(Locale.ROOT));
    }

    private static Optional<Path> path(Map<String, String> environment, String name, Path home) {
        String value = environment.getOrDefault(name, "").strip();
        if (value.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(value.startsWith("~/") ? home.resolve(value.substring(2)) : Path.of(value));
    }

    private static URI endpoint(String given) {
        String text = given.isBlank() ? "https://huggingface.co" : given.strip().replaceFirst("/+$", "");
        try {
            URI endpoint = new URI(text);
            String scheme = endpoint.getScheme();
            if (endpoint.getHost() != null && ("https".equals(scheme) || "http".equals(scheme))) {
                return endpoint;
            }
        } catch (URISyntaxException e) {
            throw new HubException(badEndpoint(text), e);
        }
        throw new HubException(badEndpoint(text));
    }

    private static String badEndpoint(String text) {
        return "HF_ENDPOINT is \"" + text + "\"; expected an address such as https://huggingface.co";
    }

    private static Optional<String> token(Map<String, String> environment, Path file) {
        for (String name : new String[] {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}) {
            String token = environment.getOrDefault(name, "").strip();
            if (!token.isEmpty()) {
                return Optional.of(checked(token, name));
            }
        }
        if (isTrue(environment.get("HF_HUB_DISABLE_IMPLICIT_TOKEN")) || !Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            String token = Files.readString(file).strip();
            return token.isEmpty() ? Optional.empty() : Optional.of(checked(token, file.toString()));
        } catch (IOException e) {
            throw new HubException(file + ": the token cannot be read (" + e.getMessage() + ")", e);
        }
    }

    /** A header holds visible characters only. */
    private static String checked(String token, String source) {
        if (!token.matches("[!-~]+")) {
            throw new HubException(source + " holds characters that no token has; copy the token again");
        }
        return token;
    }

    /** Never shows the token. */
    @Override
    public String toString() {
        return "HubSettings[" + cache + ", " + endpoint + ", offline=" + offline + "]";
    }
}
