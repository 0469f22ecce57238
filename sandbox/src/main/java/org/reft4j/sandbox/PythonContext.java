package org.reft4j.sandbox;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.EnvironmentAccess;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.PolyglotAccess;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.IOAccess;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.reft4j.ground.text.FuzzyMatch;

/** One Python context, with the harness loaded and nothing allowed. */
final class PythonContext implements AutoCloseable {
    private static final String LANGUAGE = "python";
    private static final Source HARNESS = source("harness.py");
    private static final Source GRADERS = source("graders.py");

    private final Context context;
    private final Map<String, Value> members = new HashMap<>();
    private final StandardStreams streams = new StandardStreams();
    /** Not to be used again. */
    private boolean spent;

    PythonContext(Engine engine) {
        this.context = Context.newBuilder(LANGUAGE)
                .engine(engine)
                .allowAllAccess(false)
                .allowHostAccess(HostAccess.NONE)
                .allowHostClassLookup(_ -> false)
                .allowIO(IOAccess.NONE)
                .allowNativeAccess(false)
                .allowCreateProcess(false)
                .allowCreateThread(false)
                .allowPolyglotAccess(PolyglotAccess.NONE)
                .allowEnvironmentAccess(EnvironmentAccess.NONE)
                .option("python.PosixModuleBackend", "java")
                .option("python.NoSiteFlag", "true")
                .in(streams.input())
                .out(streams.sink())
                .err(OutputStream.nullOutputStream())
                .build();
        context.eval(HARNESS);
    }

    /** Adds what only graders may use. */
    void allowGraders() {
        ProxyExecutable measure = arguments ->
                FuzzyMatch.measure(arguments[0].asString(), arguments[1].asString(), arguments[2].asString());
        ProxyExecutable process = arguments -> FuzzyMatch.process(arguments[0].asString());
        context.eval(GRADERS);
        member("install_rapidfuzz").executeVoid(measure, process);
    }

    StandardStreams streams() {
        return streams;
    }

    boolean isSpent() {
        return spent;
    }

    void spend() {
        spent = true;
    }

    Value member(String name) {
        return members.computeIfAbsent(name, n -> context.getBindings(LANGUAGE).getMember(n));
    }

    Set<String> names(String member) {
        Value list = member(member);
        Set<String> names = new HashSet<>();
        for (long i = 0; i < list.getArraySize(); i++) {
            names.add(list.getArrayElement(i).asString());
        }
        return names;
    }

    /** Cancels what runs in it, from any thread. */
    @Override
    public void close() {
        context.close(true);
    }

    private static Source source(String name) {
        try {
            return Source.newBuilder(LANGUAGE, resource(name), name).build();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " cannot be made a source", e);
        }
    }

    /** A Python file of this package. */
    static String resource(String name) {
        try (InputStream in = requireNonNull(PythonPrograms.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(name + " cannot be read from the class path", e);
        }
    }
}
