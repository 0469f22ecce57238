package org.reft4j.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.reft4j.train.job.RunEnvironment;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
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
            InitCommand.class,
            TrainCommand.class,
            EvaluateCommand.class,
            SampleCommand.class,
            VoteCommand.class,
            RerankCommand.class,
            StepsCommand.class,
            GenerateCommand.class,
            GradeCommand.class,
            DataCommand.class,
            GraderCommand.class,
            ExperimentCommand.class,
            CompareCommand.class,
            RolloutsCommand.class,
            ReportCommand.class,
            ServeCommand.class,
            KeysCommand.class,
            WorkerCommand.class,
            BackupCommand.class,
            InspectCommand.class,
            ConvertCommand.class,
            DoctorCommand.class,
            AutoComplete.GenerateCompletion.class,
            HelpCommand.class
        },
        footer = {
            "",
            "Start here:",
            "  reft quickstart                     the whole story, in " + QuickstartCommand.TIME,
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
        CommandLine commandLine = commandLine(main)
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

    /** All commands, to ask for their help. */
    public static CommandLine commandLine() {
        return commandLine(new Main());
    }

    private static CommandLine commandLine(Main main) {
        CommandLine commandLine = new CommandLine(main);
        hideEmptyDefaults(commandLine);
        return commandLine;
    }

    /** Hides empty defaults in the help text, since they tell nothing. */
    private static void hideEmptyDefaults(CommandLine commandLine) {
        commandLine.getSubcommands().values().forEach(Main::hideEmptyDefaults);
        CommandSpec command = commandLine.getCommandSpec();
        for (OptionSpec option : List.copyOf(command.options())) {
            if (isEmpty(option)) {
                command.remove(option);
                command.addOption(
                        option.toBuilder().showDefaultValue(Visibility.NEVER).build());
            }
        }
        for (PositionalParamSpec parameter : List.copyOf(command.positionalParameters())) {
            if (isEmpty(parameter)) {
                command.remove(parameter);
                command.addPositional(
                        parameter.toBuilder().showDefaultValue(Visibility.NEVER).build());
            }
        }
    }

    private static boolean isEmpty(ArgSpec argument) {
        if (argument.required()) {
            return true; // a default would never be used
        }
        if (argument.defaultValue() != null) {
            return argument.defaultValue().isEmpty();
        }
        return switch (argument.initialValue()) {
            case Optional<?> optional -> optional.isEmpty();
            case Path path -> path.toString().isEmpty();
            case String text -> text.isEmpty();
            case Collection<?> values -> values.isEmpty();
            case null, default -> false;
        };
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, StandardCharsets.UTF_8);
    }

    /** The version recorded in the jars. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"reft " + RunEnvironment.reft()};
        }
    }
}
