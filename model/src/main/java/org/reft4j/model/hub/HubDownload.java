package org.reft4j.model.hub;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;

/** Fetches one file into the cache: goes on where an earlier attempt ended, and believes nothing before its checksum is right. */
final class HubDownload {
    private static final int ATTEMPTS = 5;
    private static final int PIECE = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int SHA1_LETTERS = 40;

    private final HubSettings settings;
    private final HubClient client;
    private final HubCache cache;
    private final HubName name;
    private final HubProgress progress;

    HubDownload(HubSettings settings, HubClient client, HubCache cache, HubName name, HubProgress progress) {
        this.settings = settings;
        this.client = client;
        this.cache = cache;
        this.name = name;
        this.progress = progress;
    }

    /** Makes a file of a commit appear in its snapshot. */
    void fetch(String commit, String file) {
        HubClient.Remote remote = again(file, () -> client.remote(name, commit, file));
        try {
            cache.locked(remote.checksum(), () -> {
                if (!Files.isRegularFile(cache.blob(remote.checksum()))) {
                    download(file, remote);
                }
                cache.link(commit, file, remote.checksum());
            });
        } catch (IOException e) {
            throw unwritten(e);
        }
    }

    /** Something that may fail for a while. */
    interface Attempt<T> {
        T make() throws IOException;
    }

    /** Tries several times. */
    <T> T again(String what, Attempt<T> attempt) {
        for (int i = 1; ; i++) {
            try {
                return attempt.make();
            } catch (IOException e) {
                if (i == ATTEMPTS) {
                    throw unreachable(what, e);
                }
                pause(i);
            }
        }
    }

    private void download(String file, HubClient.Remote remote) throws IOException {
        Path part = cache.incomplete(remote.checksum());
        boolean resumed = size(part) > 0;
        transferAll(file, remote, part);
        String found = checksum(part, remote.checksum().length());
        if (resumed && !found.equals(remote.checksum())) {
            // The part that an earlier attempt left may be damaged.
            Files.delete(part);
            transferAll(file, remote, part);
            found = checksum(part, remote.checksum().length());
        }
        if (!found.equals(remote.checksum())) {
            Files.delete(part);
            throw new HubException(name + ": " + file + " arrived with the checksum " + found + "; expected "
                    + remote.checksum() + ". It was thrown away: try again");
        }
        cache.complete(remote.checksum());
    }

    /** Repeats until the file is whole: as often as bytes arrive, and some times more. */
    private void transferAll(String file, HubClient.Remote remote, Path part) throws IOException {
        requireSpace(file, remote, part);
        int failures = 0;
        while (true) {
            long before = size(part);
            try {
                if (transfer(file, remote, part)) {
                    return;
                }
                throw new EOFException("the connection ended early");
            } catch (DiskException e) {
                throw e.reason();
            } catch (IOException e) {
                failures = size(part) > before ? 1 : failures + 1;
                if (failures == ATTEMPTS) {
                    throw unreachable(file, e);
                }
                pause(failures);
            }
        }
    }

    private void requireSpace(String file, HubClient.Remote remote, Path part) throws IOException {
        long needed = remote.size() - size(part);
        long free = Files.getFileStore(cache.model()).getUsableSpace();
        if (needed > free) {
            throw new HubException(name + ": " + file + " needs " + (needed >> 20) + " MiB more, but " + (free >> 20)
                    + " MiB are free in the cache " + settings.cache()
                    + ". Make room, or set HF_HUB_CACHE to a folder on another disk");
        }
    }

    /** One connection; false if it ended before the file did. */
    private boolean transfer(String file, HubClient.Remote remote, Path part) throws IOException {
        long from = size(part);
        if (remote.size() >= 0 && from > remote.size()) {
            Files.delete(part);
            from = 0;
        }
        if (from > 0 && from == remote.size()) {
            return true;
        }
        HttpResponse<InputStream> response = client.open(name, file, remote, from);
        try (InputStream body = new WatchedStream(response.body(), PATIENCE)) {
            if (response.statusCode() == 416 || (response.statusCode() == 206 && !startsAt(response, from))) {
                Files.deleteIfExists(part);
                throw new IOException("it does not go on from byte " + from);
            }
            boolean append = response.statusCode() == 206;
            try (OutputStream out = append
                    ? Files.newOutputStream(part, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                    : Files.newOutputStream(part)) {
                return copy(body, out, file, append ? from : 0, remote.size());
            }
        }
    }

    private boolean copy(InputStream body, OutputStream out, String file, long from, long total) throws IOException {
        byte[] piece = new byte[PIECE];
        long done = from;
        progress.at(file, done, total);
        for (int count = body.read(piece); count >= 0; count = body.read(piece)) {
            done += count;
            if (total >= 0 && done > total) {
                throw new HubException(name + ": " + file + " is longer than the " + total
                        + " bytes that the hub names. Try again later");
            }
            try {
                out.write(piece, 0, count);
            } catch (IOException e) {
                throw new DiskException(e);
            }
            progress.at(file, done, total);
        }
        return total < 0 || done == total;
    }

    private static boolean startsAt(HttpResponse<?> response, long from) {
        return response.headers()
                .firstValue("Content-Range")
                .map(range -> range.startsWith("bytes " + from + "-"))
                .orElse(false);
    }

    private static long size(Path file) throws IOException {
        return Files.isRegularFile(file) ? Files.size(file) : 0;
    }

    /** SHA-256 of the bytes, or the SHA-1 that git gives them as a blob. */
    static String checksum(Path file, int letters) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance(letters == SHA1_LETTERS ? "SHA-1" : "SHA-256");
            if (letters == SHA1_LETTERS) {
                digest.update(("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.US_ASCII));
            }
            byte[] piece = new byte[PIECE];
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                digest.update(piece, 0, count);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1 and SHA-256", e);
        }
    }

    private void pause(int failures) {
        try {
            Thread.sleep(settings.pause().multipliedBy(failures));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HubException(name + ": interrupted", e);
        }
    }

    private HubException unreachable(String what, IOException cause) {
        String reason = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new HubException(
                name + ": " + what + " cannot be fetched from " + settings.endpoint() + " (" + reason
                        + "). What has arrived is kept: try again, or name a model folder on this machine",
                cause);
    }

    private HubException unwritten(IOException cause) {
        String reason = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new HubException(
                name + ": the cache " + settings.cache() + " cannot be written (" + reason
                        + "). Check free space and permissions, or set HF_HUB_CACHE to another folder",
                cause);
    }

    /** The disk failed rather than the network: another attempt is of no use. */
    private static final class DiskException extends IOException {
        private static final long serialVersionUID = 1L;

        private final IOException reason;

        DiskException(IOException reason) {
            super(reason);
            this.reason = reason;
        }

        IOException reason() {
            return reason;
        }
    }

    /** A stream from the network that is cut when nothing has come for a while: the client's own time limit ends with the headers. */
    private static final class WatchedStream extends FilterInputStream {
        private final Thread watch;
        private final long patience;
        private volatile long last = System.nanoTime();

        WatchedStream(InputStream in, Duration patience) {
            super(in);
            this.patience = patience.toNanos();
            this.watch = Thread.ofVirtual().start(this::watch);
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int count = super.read(into, offset, length);
            last = System.nanoTime();
            return count;
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            last = System.nanoTime();
            return value;
        }

        private void watch() {
            try {
                long left = patience;
                while (left > 0) {
                    Thread.sleep(Duration.ofNanos(left));
                    left = patience - (System.nanoTime() - last);
                }
                in.close();
            } catch (InterruptedException | IOException e) {
                // Closed in time, or beyond closing: either way there is nothing left to watch.
                return;
            }
        }

        @Override
        public void close() throws IOException {
            watch.interrupt();
            super.close();
        }
    }
}
