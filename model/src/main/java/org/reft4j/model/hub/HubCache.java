package org.reft4j.model.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.reft4j.ground.files.DurableFiles;

/**
 * One model's part of the cache: contents under their checksums in {@code blobs}, a folder of links to them for each commit in
 * {@code snapshots}, the commit of each branch and tag in {@code refs}, and in {@code .no_exist} what a commit is known not to have.
 *
 * <p>Source: the documentation of huggingface_hub, page "Understand caching", so that both find what the other fetched.
 */
final class HubCache {
    /** The system's locks exclude other processes only. */
    private static final ReentrantLock THIS_PROCESS = new ReentrantLock();

    private final Path cache;
    private final Path model;

    HubCache(Path cache, String repository) {
        this.cache = cache;
        this.model = cache.resolve("models--" + repository.replace("/", "--"));
    }

    /** The folder of the model. */
    Path model() {
        return model;
    }

    /** The commit that a revision stood for when it was last fetched. */
    Optional<String> commit(String revision) {
        if (HubName.isCommit(revision)) {
            return Optional.of(revision);
        }
        Path ref = model.resolve("refs").resolve(revision);
        try {
            String commit = Files.isRegularFile(ref) ? Files.readString(ref).strip() : "";
            return HubName.isCommit(commit) ? Optional.of(commit) : Optional.empty();
        } catch (IOException e) {
            throw new HubException(ref + ": cannot be read (" + e.getMessage() + "). Check permissions", e);
        }
    }

    void noteCommit(String revision, String commit) {
        if (!HubName.isCommit(revision)) {
            write(model.resolve("refs").resolve(revision), commit);
        }
    }

    /** The folder of a commit, whether or not it is there. */
    Path snapshot(String commit) {
        return model.resolve("snapshots").resolve(commit);
    }

    boolean has(String commit, String file) {
        return Files.isRegularFile(snapshot(commit).resolve(file));
    }

    /** True if a file is here, or is known to be missing in the repository. */
    boolean isSettled(String commit, String file) {
        return has(commit, file) || Files.exists(absent(commit, file));
    }

    void noteAbsent(String commit, String file) {
        write(absent(commit, file), "");
    }

    private Path absent(String commit, String file) {
        return model.resolve(".no_exist").resolve(commit).resolve(file);
    }

    /** The contents of a checksum, whether or not they are there. */
    Path blob(String checksum) {
        return model.resolve("blobs").resolve(checksum);
    }

    /** The beginning of contents that are on their way. */
    Path incomplete(String checksum) {
        return model.resolve("blobs").resolve(checksum + ".incomplete");
    }

    /** Puts finished contents in their place. */
    void complete(String checksum) throws IOException {
        DurableFiles.flush(incomplete(checksum));
        DurableFiles.rename(incomplete(checksum), blob(checksum));
    }

    /** Makes a file of a commit point to contents that are there; a copy where the system has no links. */
    void link(String commit, String file, String checksum) throws IOException {
        Path link = snapshot(commit).resolve(file);
        Path folder = parent(link);
        Files.createDirectories(folder);
        Path aside = DurableFiles.beside(link);
        try {
            try {
                Files.createSymbolicLink(aside, folder.relativize(blob(checksum)));
            } catch (UnsupportedOperationException | IOException e) {
                Files.copy(blob(checksum), aside);
            }
            DurableFiles.rename(aside, link);
        } finally {
            Files.deleteIfExists(aside);
        }
    }

    /** Runs work while no other process fetches the same contents. */
    void locked(String checksum, Work work) throws IOException {
        Path lock = cache.resolve(".locks")
                .resolve(String.valueOf(model.getFileName()))
                .resolve(checksum + ".lock");
        Files.createDirectories(parent(lock));
        Files.createDirectories(model.resolve("blobs"));
        THIS_PROCESS.lock();
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = channel.lock()) {
            work.run();
        } finally {
            THIS_PROCESS.unlock();
        }
    }

    /** Work that is done under a lock. */
    interface Work {
        void run() throws IOException;
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(parent(file));
            DurableFiles.write(file, text);
        } catch (IOException e) {
            throw new HubException(
                    file + ": cannot be written (" + e.getMessage()
                            + "). Check free space and permissions, or set HF_HUB_CACHE to another folder",
                    e);
        }
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(path + " has no folder");
        }
        return parent;
    }
}
