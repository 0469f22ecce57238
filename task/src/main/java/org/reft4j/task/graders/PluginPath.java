package org.reft4j.task.graders;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.reft4j.task.grade.GraderException;

/** Jars and folders of graders written in Java, as {@code CLASSPATH} separates them. */
public final class PluginPath {
    private PluginPath() {}

    /**
     * The classes of these places, before which those of the parent are looked for.
     *
     * @param place what to call the path in messages, such as {@code --classpath}
     * @throws GraderException if one of the places is not there
     */
    public static ClassLoader of(String path, ClassLoader parent, String place) {
        List<URL> urls = new ArrayList<>();
        for (String entry : path.split(Pattern.quote(File.pathSeparator), -1)) {
            if (entry.isBlank()) {
                continue;
            }
            if (!Files.exists(Path.of(entry))) {
                throw new GraderException(
                        place + " names " + entry + ", which does not exist; expected jars and folders that do");
            }
            try {
                urls.add(Path.of(entry).toUri().toURL());
            } catch (MalformedURLException e) {
                throw new GraderException(
                        place + " is " + entry + "; expected a path that can be written as a URL: " + e.getMessage());
            }
        }
        return urls.isEmpty() ? parent : new URLClassLoader(urls.toArray(URL[]::new), parent);
    }
}
