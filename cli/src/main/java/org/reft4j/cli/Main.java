package org.reft4j.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The {@code reft} command. */
@Command(
        name = "reft",
        description = "Reinforced fine-tuning (ReFT) of language models.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            QuickstartCommand.class,
            TrainCommand.class,
            EvaluateCommand.class,
            GenerateCommand.class,
            GradeCommand.class,
            DataCommand.class,
            RolloutsCommand.class,
            ReportCommand.class,
            InspectCommand.class,
            ConvertCommand.class,
            DoctorCommand.class,
            AutoComplete.GenerateCompletion.class,
            HelpCommand.class
        },
        footer = {
            "",
            "Start here:",
            "  reft quickstart                     the whole story, in five minutes",
            "  reft doctor                         is this machine ready?",
            "  reft data wordproblems              look at the embedded questions",
            "  reft train my.yaml --explain        what a run would do and need",
            "  reft train my.yaml                  do it",
            "  reft report runs/NAME               look at it in a browser",
            "",
            "reft COMMAND --help explains a command, with examples.",
            "Tab completion:  source <(reft generate-completion)",
            "",
            "Exit status: 0 done, 1 failed, 2 bad input, 130 interrupted."
        })
public final class Main implements Runnable {
    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show where in the program an error arose.")
    private boolean debug;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private Main() {}

    public static void main(String[] args) {
        PrintWriter out = writer(System.out);
        PrintWriter err = writer(System.err);
        int status = execute(out, err, args);
        out.flush();
        err.flush();
        System.exit(status);
    }

    /** Runs one command line and returns its exit status. */
    static int execute(PrintWriter out, PrintWriter err, String... args) {
        Main main = new Main();
        Failures failures = new Failures(() -> main.debug);
        CommandLine commandLine = new CommandLine(main)
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler(failures)
                .setExecutionExceptionHandler(failures);
        commandLine.getHelpSectionMap(); // built once, here, so that an error in an annotation shows at once
        CommandLine completion = commandLine.getSubcommands().get("generate-completion");
        if (completion != null) {
            completion.getCommandSpec().usageMessage().hidden(true);
        }
        try {
            return commandLine.execute(args);
        } catch (OutOfMemoryError e) {
            return Failures.outOfMemory(err);
        }
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, StandardCharsets.UTF_8);
    }

    /** The version in the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"reft " + number()};
        }

        /** Such as {@code 0.1.0}; {@code development} outside a jar. */
        static String number() {
            String version = Main.class.getPackage().getImplementationVersion();
            return version == null ? "development" : version;
        }
    }
}
