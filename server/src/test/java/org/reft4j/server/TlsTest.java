package org.reft4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.server.access.Keys;
import org.reft4j.server.http.Caller;
import org.reft4j.server.http.RequestLog;
import org.reft4j.server.store.Database;

/** A server that has a certificate. */
class TlsTest {
    private static final String PASSWORD = "secret";
    private static final String HSTS = "strict-transport-security";

    @TempDir
    private Path folder = Path.of("");

    private Path data() {
        return folder.resolve("data");
    }

    /** A self-signed certificate by the JDK's own tool, as a keystore and in PEM. */
    private ServerSettings.Tls certificate(String name, String algorithm) throws Exception {
        Path store = folder.resolve(name + ".p12");
        Files.deleteIfExists(store);
        Process tool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "any",
                        "-keyalg",
                        algorithm,
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "SAN=dns:localhost,ip:127.0.0.1",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .start();
        String said = new String(tool.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertEquals(0, tool.waitFor(), said);
        KeyStore made = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            made.load(in, PASSWORD.toCharArray());
        }
        Path certificate = pem(
                name + "-cert.pem", "CERTIFICATE", made.getCertificate("any").getEncoded());
        Path key = pem(
                name + "-key.pem",
                "PRIVATE KEY",
                made.getKey("any", PASSWORD.toCharArray()).getEncoded());
        return new ServerSettings.Tls(certificate.toString(), key.toString(), null);
    }

    private Path pem(String name, String type, byte[] bytes) throws IOException {
        return Files.writeString(
                folder.resolve(name),
                "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(bytes) + "\n-----END " + type
                        + "-----\n");
    }

    private Server start(String host, ServerSettings.Tls tls) {
        Server server = Server.start(
                data(), ServerSettings.DEFAULTS.withHost(host).withPort(0).withTls(tls), RequestLog.NONE);
        server.awaitReady();
        return server;
    }

    private static HttpResponse<String> get(Server server, String path, String... headers) throws Exception {
        try (HttpClient client = HttpClient.newBuilder()
                .sslContext(trusting())
                .followRedirects(HttpClient.Redirect.NEVER)
                .build()) {
            URI address = URI.create(server.address().toString().replace("127.0.0.1", "localhost") + path);
            HttpRequest.Builder request = HttpRequest.newBuilder(address);
            if (headers.length > 0) {
                request.headers(headers);
            }
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    /** Takes any certificate; its name is checked all the same. */
    private static SSLContext trusting() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                null,
                new TrustManager[] {
                    new X509TrustManager() {
                        @Override
                        public void checkClientTrusted(X509Certificate[] chain, String type) {}

                        @Override
                        public void checkServerTrusted(X509Certificate[] chain, String type) {}

                        @Override
                        public X509Certificate[] getAcceptedIssuers() {
                            return new X509Certificate[0];
                        }
                    }
                },
                null);
        return context;
    }

    private static BigInteger shown(Server server) throws Exception {
        return ((X509Certificate)
                        get(server, "/healthz").sslSession().orElseThrow().getPeerCertificates()[0])
                .getSerialNumber();
    }

    @Test
    void speaksTlsAndTakesARenewedCertificate() throws Exception {
        ServerSettings.Tls files = certificate("one", "EC");
        try (Server server = start("127.0.0.1", files)) {
            assertEquals("https", server.address().getScheme());
            assertEquals(200, get(server, "/readyz").statusCode());
            assertEquals(
                    Optional.empty(), get(server, "/healthz").headers().firstValue(HSTS), "never for this machine");
            BigInteger first = shown(server);
            server.renewCertificate();
            assertEquals(first, shown(server));
            ServerSettings.Tls next = certificate("two", "RSA");
            Files.copy(
                    Path.of(next.certificate()),
                    Path.of(files.certificate()),
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            later(files, 5);
            server.renewCertificate();
            assertEquals(first, shown(server), "a certificate without its key is not taken");
            Files.copy(
                    Path.of(String.valueOf(next.key())),
                    Path.of(String.valueOf(files.key())),
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            later(files, 10);
            server.renewCertificate();
            assertNotEquals(first, shown(server));
        }
    }

    private static void later(ServerSettings.Tls files, long seconds) throws IOException {
        Files.setLastModifiedTime(
                Path.of(files.certificate()),
                java.nio.file.attribute.FileTime.fromMillis(System.currentTimeMillis() + seconds * 1000));
    }

    @Test
    void browsersComeByNothingElse() throws Exception {
        String key;
        try (Database database = Server.database(Files.createDirectories(data()), ServerSettings.DEFAULTS)) {
            key = new Keys(database)
                    .create("default", "any", Caller.Role.ADMIN, Keys.Style.REFT)
                    .secret();
        }
        assertTrue(key.startsWith("sk-reft-"));
        try (Server server = start("0.0.0.0", certificate("one", "EC"))) {
            assertEquals(
                    Optional.of("max-age=31536000"),
                    get(server, "/healthz").headers().firstValue(HSTS));
            String link =
                    server.dashboard().getRawPath() + "?" + server.dashboard().getRawQuery();
            String cookie = get(server, link).headers().firstValue("Set-Cookie").orElse("");
            assertTrue(cookie.endsWith("; Secure"), cookie);
            assertEquals(List.of(), server.remarks());
        }
        try (Server server =
                Server.start(data(), ServerSettings.DEFAULTS.withHost("0.0.0.0").withPort(0), RequestLog.NONE)) {
            server.awaitReady();
            assertTrue(server.remarks().getFirst().contains("put a proxy before it, or give tls"));
            assertEquals(Optional.empty(), get(server, "/healthz").headers().firstValue(HSTS));
        }
    }

    @Test
    void takesAKeystore() throws Exception {
        ServerSettings.Tls files = certificate("one", "EC");
        Path store = folder.resolve("one.p12");
        assertTrue(Files.exists(Path.of(files.certificate())));
        Path password = Files.writeString(folder.resolve("password"), PASSWORD + "\n");
        try (Server server = start("127.0.0.1", new ServerSettings.Tls(store.toString(), null, password.toString()))) {
            assertEquals(200, get(server, "/healthz").statusCode());
        }
        assertRefused("is a keystore; name the file with its password", store.toString(), null, null);
        Files.writeString(password, "wrong");
        assertRefused("cannot be read with the password of", store.toString(), null, password.toString());
    }

    @Test
    void refusesFilesWithTheirNamesAndTheRemedy() throws Exception {
        ServerSettings.Tls one = certificate("one", "EC");
        ServerSettings.Tls two = certificate("two", "EC");
        String key = String.valueOf(one.key());
        assertRefused(
                "tls.certificate: " + folder.resolve("none.pem") + " is not there",
                folder.resolve("none.pem").toString(),
                key,
                null);
        assertRefused(
                "tls.key: " + two.key() + " is the key of another certificate", one.certificate(), two.key(), null);
        assertRefused("has no certificate in PEM", key, key, null);
        assertRefused("has no key in PEM", one.certificate(), null, null);
        Path old = folder.resolve("old.pem");
        Files.writeString(old, Files.readString(Path.of(key)).replace("PRIVATE KEY", "EC PRIVATE KEY"));
        assertRefused("openssl pkcs8 -topk8 -nocrypt -in " + old, one.certificate(), old.toString(), null);
        Files.writeString(old, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        assertRefused("cannot be used", one.certificate(), old.toString(), null);
        Path both = folder.resolve("both.pem");
        Files.writeString(both, Files.readString(Path.of(key)) + Files.readString(Path.of(one.certificate())));
        try (Server server = start("127.0.0.1", new ServerSettings.Tls(both.toString(), null, null))) {
            assertEquals(200, get(server, "/healthz").statusCode());
        }
    }

    private void assertRefused(String words, String certificate, @Nullable String key, @Nullable String password) {
        ServerException refusal = assertThrows(
                ServerException.class,
                () -> start("127.0.0.1", new ServerSettings.Tls(certificate, key, password))
                        .close());
        assertTrue(String.valueOf(refusal.getMessage()).contains(words), refusal::getMessage);
    }
}
