package org.reft4j.model.hub;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Name of a model on the hub.
 *
 * @param repository such as {@code HuggingFaceTB/SmolLM2-135M-Instruct}
 * @param revision a branch, a tag or a commit
 * @param file the one file asked for, as a path inside the repository; empty for the model as a folder
 */
public record HubName(String repository, String revision, String file) {
    private static final String DEFAULT_REVISION = "main";
    /** A part of a path that stays where it is: neither {@code ..} nor hidden, no separators. */
    private static final String PART = "[A-Za-z0-9_](?:[A-Za-z0-9_.-]*)";

    /** The folder of runs, which is meant where {@code runs/NAME} is not there yet: nobody is asked for it. */
    private static final String NO_RUN = "(?!runs/)";

    private static final Pattern NAME = Pattern.compile(NO_RUN + "(" + PART + "/" + PART + ")((?:/" + PART + ")*/"
            + PART + "\\.gguf)?(?:@(" + PART + "(?:/" + PART + ")*))?");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

    /** Reads {@code org/name[/file.gguf][@revision]}; empty if the text is nothing of the kind. */
    public static Optional<HubName> of(String text) {
        Matcher name = NAME.matcher(text);
        if (!name.matches() || text.contains("..") || text.length() > 500) {
            return Optional.empty();
        }
        String file = name.group(2) == null ? "" : name.group(2).substring(1);
        String revision = name.group(3) == null ? DEFAULT_REVISION : name.group(3);
        return Optional.of(new HubName(name.group(1), revision, file));
    }

    /** True if the revision is a commit, which never changes. */
    boolean isCommit() {
        return isCommit(revision);
    }

    static boolean isCommit(String text) {
        return COMMIT.matcher(text).matches();
    }

    @Override
    public String toString() {
        return repository
                + (file.isEmpty() ? "" : "/" + file)
                + (revision.equals(DEFAULT_REVISION) ? "" : "@" + revision);
    }
}
