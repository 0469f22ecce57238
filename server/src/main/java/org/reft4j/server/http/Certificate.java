package org.reft4j.server.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The files of the certificate that the server shows: a chain and its key in PEM, or both in a keystore.
 *
 * @param file the certificate, followed by those that vouch for it; or a PKCS#12 keystore, where its name ends with {@code .p12} or {@code .pfx}
 * @param key the key in PKCS#8; {@code null} with a keystore
 * @param password the file with the keystore's password; {@code null} without a keystore
 */
public record Certificate(
        Path file, @Nullable Path key, @Nullable Path password) {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");
    private static final String CERTIFICATE = "tls.certificate";
    private static final String KEY = "tls.key";
    private static final String NAME = "server";
    /** Signed to see whether a key belongs to a certificate. */
    private static final byte[] TRIAL = {1, 2, 3};
    /** The password of a keystore that is never written. */
    private static final char[] SECRET = "in memory".toCharArray();

    /** A keystore as Jetty wants it. */
    @SuppressWarnings("ArrayRecordComponent") // nobody asks whether two are equal
    record Loaded(KeyStore store, char[] password, X509Certificate certificate) {
        String secret() {
            return new String(password);
        }
    }

    /** The time of the last change of any of the files; 0 for one that is missing just now. */
    long changed() {
        long newest = 0;
        for (Path each : new @Nullable Path[] {file, key, password}) {
            newest = each == null ? newest : Math.max(newest, each.toFile().lastModified());
        }
        return newest;
    }

    /**
     * Reads the files.
     *
     * @throws IllegalArgumentException that names the setting, the file and the remedy
     */
    Loaded read() {
        String name = String.valueOf(file.getFileName());
        try {
            return name.endsWith(".p12") || name.endsWith(".pfx") ? keystore() : pem();
        } catch (GeneralSecurityException e) {
            throw refused(CERTIFICATE, file, "cannot be used: " + e.getMessage());
        }
    }

    /** A sentence about a certificate that clients will refuse or soon will; empty otherwise. */
    static Optional<String> remark(X509Certificate certificate) {
        Instant end = certificate.getNotAfter().toInstant();
        return end.isBefore(Instant.now())
                ? Optional.of("the certificate ended at " + end + "; clients refuse it until it is renewed")
                : Optional.empty();
    }

    private Loaded pem() throws GeneralSecurityException {
        String text = text(CERTIFICATE, file);
        List<X509Certificate> chain = new ArrayList<>();
        for (Matcher block = BLOCK.matcher(text); block.find(); ) {
            if (block.group(1).equals("CERTIFICATE")) {
                chain.add((X509Certificate) CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(bytes(block, CERTIFICATE, file))));
            }
        }
        if (chain.isEmpty()) {
            throw refused(CERTIFICATE, file, "has no certificate in PEM (-----BEGIN CERTIFICATE-----)");
        }
        Path from = key == null ? file : key;
        PrivateKey secret = key(from, chain.getFirst());
        if (!belong(secret, chain.getFirst())) {
            throw refused(KEY, from, "is the key of another certificate than the first one of " + file);
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new GeneralSecurityException(e);
        }
        store.setKeyEntry(NAME, secret, SECRET, chain.toArray(X509Certificate[]::new));
        return new Loaded(store, SECRET, chain.getFirst());
    }

    private static PrivateKey key(Path from, X509Certificate certificate) throws GeneralSecurityException {
        String text = text(KEY, from);
        for (Matcher block = BLOCK.matcher(text); block.find(); ) {
            if (block.group(1).equals("PRIVATE KEY")) {
                return KeyFactory.getInstance(certificate.getPublicKey().getAlgorithm())
                        .generatePrivate(new PKCS8EncodedKeySpec(bytes(block, KEY, from)));
            }
            if (block.group(1).endsWith("PRIVATE KEY")) {
                throw refused(
                        KEY,
                        from,
                        "is a " + block.group(1)
                                + "; expected PKCS#8 without a password: openssl pkcs8 -topk8 -nocrypt -in " + from
                                + " -out key8.pem");
            }
        }
        throw refused(KEY, from, "has no key in PEM (-----BEGIN PRIVATE KEY-----)");
    }

    private static byte[] bytes(Matcher block, String setting, Path from) {
        try {
            return Base64.getMimeDecoder().decode(block.group(2));
        } catch (IllegalArgumentException e) {
            throw refused(setting, from, "is damaged: " + e.getMessage());
        }
    }

    private static boolean belong(PrivateKey key, X509Certificate certificate) throws GeneralSecurityException {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update(TRIAL);
        byte[] signed = signature.sign();
        signature.initVerify(certificate.getPublicKey());
        signature.update(TRIAL);
        return signature.verify(signed);
    }

    private Loaded keystore() throws GeneralSecurityException {
        if (password == null) {
            throw refused(CERTIFICATE, file, "is a keystore; name the file with its password by tls.password-file");
        }
        char[] secret = text("tls.password-file", password).strip().toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, secret);
        } catch (IOException e) {
            throw refused(CERTIFICATE, file, "cannot be read with the password of " + password + ": " + e.getMessage());
        }
        for (String alias : java.util.Collections.list(store.aliases())) {
            if (store.isKeyEntry(alias) && store.getCertificate(alias) instanceof X509Certificate certificate) {
                return new Loaded(store, secret, certificate);
            }
        }
        throw refused(CERTIFICATE, file, "has no key with a certificate");
    }

    private static String text(String setting, Path file) {
        try {
            return Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw refused(
                    setting,
                    file,
                    Files.exists(file) ? "cannot be read by this user: " + e.getMessage() : "is not there");
        }
    }

    private static IllegalArgumentException refused(String setting, Path file, String why) {
        return new IllegalArgumentException(setting + ": " + file.toAbsolutePath() + " " + why);
    }
}
