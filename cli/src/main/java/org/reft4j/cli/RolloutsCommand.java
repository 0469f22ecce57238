package org.reft4j.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.reft4j.train.ConfigException;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.run.RolloutQuery;
import org.reft4j.train.run.RolloutSheet;
import org.reft4j.train.run.RunReader;
import org.reft4j.train.run.Sheet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reft rollouts}. */
@Command(
        name = "rollouts",
        description = "Searches what a model wrote while it was trained; works while the run goes on.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        footer = {
            "",
            "Examples:",
            "  reft rollouts runs/my-run --step 20                       of one step",
            "  reft rollouts runs/my-run --step 1..5 --reward 1          the right ones of the first steps",
            "  reft rollouts runs/my-run --grep 'range(' --order newest  with a text in question or completion",
            "  reft rollouts runs/my-run --question svamp_976            one question over the steps",
            "  reft rollouts runs/my-run --reward ..0.5 --limit 1000 --json | jq '.rollouts[].extracted'"
        })
final class RolloutsCommand implements Callable<Integer> {
    private static final Pattern STEPS = Pattern.compile("(\\d{0,9})(\\.\\.)?(\\d{0,9})");
    private static final Pattern REWARDS = Pattern.compile("(-?[\\d.]*?\\d)?(\\.\\.)?(-?\\d[\\d.]*)?");

    @Parameters(paramLabel = "RUN", description = "The run's folder.")
    private Path run = Path.of("");

    @Option(names = "--step", paramLabel = "A[..B]", description = "Only this step, or these.")
    private Optional<String> step = Optional.empty();

    @Option(names = "--reward", paramLabel = "A[..B]", description = "Only with this reward, or in this range.")
    private Optional<String> reward = Optional.empty();

    @Option(names = "--grep", paramLabel = "TEXT", description = "Only where question or completion contains it.")
    private Optional<String> grep = Optional.empty();

    @Option(names = "--question", paramLabel = "ID", description = "Only of this question.")
    private Optional<String> question = Optional.empty();

    @Option(names = "--limit", paramLabel = "N", description = "At most so many.", defaultValue = "10")
    private int limit = 10;

    @Option(names = "--order", description = "What comes first: ${COMPLETION-CANDIDATES}.", defaultValue = "OLDEST")
    private RolloutQuery.Order order = RolloutQuery.Order.OLDEST;

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() {
        ConfigException.check(limit > 0, "--limit", limit, "a positive number");
        RolloutQuery query = query();
        List<KeptRollout> found = RunReader.of(run).rollouts(query);
        Sheet sheet = RolloutSheet.of(found);
        output.lines(sheet);
        if (found.isEmpty()) {
            output.remark("no rollout matches");
        } else if (found.size() == limit) {
            output.remark("the first %d are shown; --limit shows more", limit);
        }
        output.figures(sheet.figures());
        return 0;
    }

    private RolloutQuery query() {
        RolloutQuery query = RolloutQuery.ALL.first(limit).in(order);
        if (step.isPresent()) {
            double[] range = range("--step", step.get(), STEPS, "a step or a range such as 3..8");
            query = query.steps((int) Math.max(0, range[0]), (int) Math.min(Integer.MAX_VALUE, range[1]));
        }
        if (reward.isPresent()) {
            double[] range = range("--reward", reward.get(), REWARDS, "a reward or a range such as 0.1..1");
            query = query.rewards(range[0], range[1]);
        }
        if (grep.isPresent()) {
            query = query.containing(grep.get());
        }
        return question.isPresent() ? query.ofQuestion(question.get()) : query;
    }

    /** The ends of {@code A}, {@code A..B}, {@code A..} or {@code ..B}. */
    static double[] range(String option, String text, Pattern pattern, String expected) {
        Matcher matcher = pattern.matcher(text.strip());
        try {
            if (matcher.matches() && !text.isBlank() && !text.strip().equals("..")) {
                boolean open = matcher.group(2) != null;
                String low = orEmpty(matcher.group(1));
                String high = orEmpty(matcher.group(3));
                if (!open) {
                    double value = Double.parseDouble(low + high);
                    return new double[] {value, value};
                }
                return new double[] {
                    low.isEmpty() ? Double.NEGATIVE_INFINITY : Double.parseDouble(low),
                    high.isEmpty() ? Double.POSITIVE_INFINITY : Double.parseDouble(high)
                };
            }
        } catch (NumberFormatException e) {
            throw new ConfigException(option + " is " + text + "; expected " + expected, e);
        }
        throw new ConfigException(option + " is " + text + "; expected " + expected);
    }

    private static String orEmpty(@org.jspecify.annotations.Nullable String text) {
        return text == null ? "" : text;
    }
}
