package org.reft4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.reft4j.ground.settings.SettingException;
import org.reft4j.model.hub.HubException;
import org.reft4j.model.tokenizer.TokenizerException;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.UnsupportedModelException;
import org.reft4j.sandbox.ProgramPoolException;
import org.reft4j.server.ServerException;
import org.reft4j.server.store.StoreException;
import org.reft4j.task.dataset.DataException;
import org.reft4j.template.TemplateException;
import org.reft4j.tensor.OutOfMemory;
import org.reft4j.train.DivergedException;
import org.reft4j.train.job.RunEnvironment;
import org.reft4j.train.run.RunException;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Error output: one line, and the right exit status. Expected errors say what to do; for all others a crash log is written. */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
    static final int BAD_INPUT = ExitCode.USAGE;
    static final int FAILED = ExitCode.SOFTWARE;
    static final int INTERRUPTED = 130;

    private final BooleanSupplier debug;

    Failures(BooleanSupplier debug) {
        this.debug = debug;
    }

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        PrintWriter err = e.getCommandLine().getErr();
        err.println("reft: " + e.getMessage());
        if (!UnmatchedArgumentException.printSuggestions(e, err)) {
            err.println("Try: " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        }
        return BAD_INPUT;
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine commandLine, ParseResult parsed) {
        PrintWriter err = commandLine.getErr();
        if (debug.getAsBoolean()) {
            e.printStackTrace(err);
        }
        return switch (e) {
            case ParameterException parameter -> handleParseException(parameter, new String[0]);
            case TemplateException _,
                    DataException _,
                    FormatException _,
                    TokenizerException _,
                    UnsupportedModelException _ -> line(err, message(e), BAD_INPUT);
            case SettingException setting -> line(err, setting.message(Failures::options), BAD_INPUT);
            case DivergedException _,
                    HubException _,
                    ProgramPoolException _,
                    RunException _,
                    ServerException _,
                    StoreException _ -> line(err, message(e), FAILED);
            case UncheckedIOException io -> line(err, words(Objects.requireNonNullElse(io.getCause(), io), io), FAILED);
            case IOException io -> line(err, words(io, io), FAILED);
            default -> unexpected(e, commandLine, parsed);
        };
    }

    /** A remedy as options of a command. */
    private static String options(SettingException.Remedy remedy) {
        return Stream.concat(
                        remedy.settings().stream().map(setting -> "--set " + setting),
                        remedy.resume() ? Stream.of("--resume") : Stream.empty())
                .collect(Collectors.joining(" "));
    }

    /** The heap is full; tensors have memory of their own. */
    static int outOfMemory(PrintWriter err) {
        return line(
                err,
                "out of Java memory (" + Runtime.getRuntime().maxMemory() / (1 << 20)
                        + " MiB); give it more with REFT_JAVA_OPTS=-Xmx4g",
                FAILED);
    }

    /**
     * Nothing could be graded, so that all figures say nothing: no command that grades ends well then.
     *
     * @param first why the first one could not
     */
    static int ungraded(PrintWriter err, int completions, String first) {
        return line(
                err,
                "grading failed for all " + completions + " completions, first: " + first
                        + "; mend the grader: reft grader check tries it",
                FAILED);
    }

    private static String message(Throwable e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static String words(Throwable cause, Exception outer) {
        String what = message(cause);
        String where = outer.getMessage() == null || outer == cause ? "" : outer.getMessage() + ": ";
        return where.contains(what)
                ? where.substring(0, where.length() - 2)
                : where + cause.getClass().getSimpleName().replaceAll("Exception$", "") + ": " + what;
    }

    private static int unexpected(Exception e, CommandLine commandLine, ParseResult parsed) {
        PrintWriter err = commandLine.getErr();
        String what = firstLine(message(e));
        if (OutOfMemory.caused(e)) {
            return line(
                    err,
                    "out of memory for tensors; lower micro-batch-tokens or rollout.batch (reft train --explain shows what"
                            + " they cost)",
                    FAILED);
        }
        StringWriter trace = new StringWriter();
        try (PrintWriter log = new PrintWriter(trace)) {
            log.println(Instant.now() + " reft " + RunEnvironment.reft());
            log.println("arguments: " + parsed.expandedArgs());
            log.println("java " + Runtime.version() + ", " + System.getProperty("os.name") + " "
                    + System.getProperty("os.arch"));
            e.printStackTrace(log);
        }
        try {
            Path file = Files.createTempFile("reft-crash-", ".log");
            Files.writeString(file, trace.toString());
            return line(err, "unexpected error: " + what + " (details: " + file + ")", FAILED);
        } catch (IOException io) {
            err.print(trace);
            return line(err, "unexpected error: " + what, FAILED);
        }
    }

    private static String firstLine(String text) {
        return Arrays.stream(text.split("\\R")).findFirst().orElse("");
    }

    private static int line(PrintWriter err, String message, int status) {
        err.println("reft: " + message);
        err.flush();
        return status;
    }
}
