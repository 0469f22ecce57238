package org.reft4j.model.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.reft4j.ground.files.Json;

/** HTTP client of the hub. Follows redirects itself, so that the token goes to the hub and to no other host. */
final class HubClient implements AutoCloseable {
    private static final int MOST_REDIRECTS = 10;
    private static final int LARGEST_ANSWER = 64 << 20;
    private static final Pattern CHECKSUM = Pattern.compile("(?:W/)?\"?([0-9a-f]{40}|[0-9a-f]{64})\"?");

    private final HubSettings settings;
    private final HttpClient http;

    HubClient(HubSettings settings) {
        this.settings = settings;
        this.http = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(Duration.ofSeconds(20))
                .build();
    }

    /**
     * One file as the hub describes it.
     *
     * @param checksum SHA-256 of large files, git's blob SHA-1 of small ones
     */
    record Remote(String checksum, long size, URI address) {}

    /** The description of a revision: its commit and the names of its files. */
    JsonNode model(HubName name) throws IOException {
        URI address = address("/api/models/" + name.repository() + "/revision/" + encoded(name.revision()));
        HttpResponse<InputStream> response = follow(request(address).GET(), address);
        try (InputStream body = response.body()) {
            refuse(response, name, "");
            byte[] bytes = body.readNBytes(LARGEST_ANSWER);
            return Json.PLAIN.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw new HubException(
                    name + ": the answer of " + address + " is not JSON. Is HF_ENDPOINT the address of a hub?", e);
        }
    }

    /** Asks for size and checksum of a file; the redirect to its contents is not followed. */
    Remote remote(HubName name, String commit, String file) throws IOException {
        URI address = fileAddress(name, commit, file);
        for (int i = 0; i < MOST_REDIRECTS; i++) {
            HttpResponse<InputStream> response =
                    send(request(address).method("HEAD", HttpRequest.BodyPublishers.noBody()), address);
            response.body().close();
            Optional<URI> next = redirect(response, address);
            boolean described = response.headers().firstValue("X-Linked-Etag").isPresent();
            if (next.isPresent() && !described && sameHost(next.get())) {
                // A repository that was renamed.
                address = next.get();
                continue;
            }
            if (next.isEmpty()) {
                refuse(response, name, file);
            }
            return new Remote(checksum(response, name, file), size(response), address);
        }
        throw new HubException(name + ": " + file + " is redirected without end. Try again later");
    }

    /**
     * Opens the contents of a file.
     *
     * @param from the first byte wanted
     * @return an answer with status 200 (from the start), 206 (from there) or 416 (nothing from there on)
     */
    HttpResponse<InputStream> open(HubName name, String file, Remote remote, long from) throws IOException {
        HttpRequest.Builder request = request(remote.address()).GET();
        if (from > 0) {
            request.header("Range", "bytes=" + from + "-");
        }
        HttpResponse<InputStream> response = follow(request, remote.address());
        if (response.statusCode() != 416) {
            try {
                refuse(response, name, file);
            } catch (HubException | IOException e) {
                response.body().close();
                throw e;
            }
        }
        return response;
    }

    private HttpResponse<InputStream> follow(HttpRequest.Builder request, URI start) throws IOException {
        URI address = start;
        for (int i = 0; i < MOST_REDIRECTS; i++) {
            HttpResponse<InputStream> response = send(request, address);
            Optional<URI> next = redirect(response, address);
            if (next.isEmpty()) {
                return response;
            }
            response.body().close();
            address = next.get();
        }
        throw new HubException(start + " is redirected without end. Try again later");
    }

    private HttpResponse<InputStream> send(HttpRequest.Builder request, URI address) throws IOException {
        HttpRequest.Builder each = request.copy().uri(address);
        if (sameHost(address)) {
            settings.token().ifPresent(token -> each.setHeader("Authorization", "Bearer " + token));
        }
        try {
            return http.send(each.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HubException("interrupted while waiting for " + address.getHost(), e);
        }
    }

    private Optional<URI> redirect(HttpResponse<?> response, URI from) {
        Optional<String> location = response.headers().firstValue("Location");
        if (response.statusCode() / 100 != 3 || response.statusCode() == 304 || location.isEmpty()) {
            return Optional.empty();
        }
        try {
            URI to = from.resolve(location.get());
            boolean web = "https".equals(to.getScheme()) || "http".equals(to.getScheme());
            boolean weaker = "https".equals(from.getScheme()) && !"https".equals(to.getScheme());
            if (web && !weaker && to.getHost() != null) {
                return Optional.of(to);
            }
        } catch (IllegalArgumentException e) {
            throw new HubException(from.getHost() + " redirects to \"" + location.get() + "\", which is no address", e);
        }
        throw new HubException(from.getHost() + " redirects to \"" + location.get()
                + "\"; expected an address that is as safe as its own");
    }

    private boolean sameHost(URI address) {
        URI hub = settings.endpoint();
        return hub.getScheme().equals(address.getScheme())
                && hub.getHost().equalsIgnoreCase(address.getHost())
                && hub.getPort() == address.getPort();
    }

    /** Turns a status that is a failure into words, or into an IOException where another attempt may help. */
    private void refuse(HttpResponse<?> response, HubName name, String file) throws IOException {
        int status = response.statusCode();
        if (status / 100 == 2) {
            return;
        }
        String what = name + (file.isEmpty() ? "" : ": " + file);
        String code = response.headers().firstValue("X-Error-Code").orElse("");
        if (status == 401 || status == 403) {
            throw new HubException(what + ": " + settings.endpoint().getHost() + " refuses access (status " + status
                    + (code.isEmpty() ? "" : ", " + code)
                    + "). There is no such model, or it is private or gated: accept"
                    + " its terms at " + settings.endpoint() + "/" + name.repository()
                    + " and set HF_TOKEN to a token that may read it"
                    + (settings.token().isPresent() ? " (the present one may not)" : ""));
        }
        if (status == 404) {
            String missing = code.equals("RevisionNotFound")
                    ? "no revision \"" + name.revision() + "\" of it"
                    : "no such model or file";
            throw new HubException(what + ": " + settings.endpoint().getHost() + " has " + missing
                    + " (status 404), and there is no such file or folder here. Check the spelling: org/name,"
                    + " org/name@revision or org/name/file.gguf");
        }
        throw new IOException("status " + status + " of " + response.uri().getHost());
    }

    private static String checksum(HttpResponse<?> response, HubName name, String file) {
        String tag = response.headers()
                .firstValue("X-Linked-Etag")
                .or(() -> response.headers().firstValue("ETag"))
                .orElse("");
        Matcher checksum = CHECKSUM.matcher(tag);
        if (!checksum.matches()) {
            throw new HubException(name + ": " + file + " comes without a checksum (ETag is \"" + tag
                    + "\") and is not taken. Is HF_ENDPOINT the address of a hub?");
        }
        return checksum.group(1);
    }

    private static long size(HttpResponse<?> response) {
        return response.headers()
                .firstValueAsLong("X-Linked-Size")
                .orElse(response.headers().firstValueAsLong("Content-Length").orElse(-1));
    }

    private HttpRequest.Builder request(URI address) {
        return HttpRequest.newBuilder(address)
                .timeout(Duration.ofSeconds(60))
                .header("User-Agent", "reft4j")
                .header("Accept-Encoding", "identity");
    }

    private URI fileAddress(HubName name, String commit, String file) {
        String path = Arrays.stream(file.split("/")).map(HubClient::encoded).collect(Collectors.joining("/"));
        return address("/" + name.repository() + "/resolve/" + commit + "/" + path);
    }

    private URI address(String path) {
        return URI.create(settings.endpoint() + path);
    }

    private static String encoded(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        http.shutdownNow();
        http.close();
    }
}
