package org.reft4j.train.algorithm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.StopReason;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.sandbox.ProgramPool;
import org.reft4j.sandbox.ProgramRunner;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.task.graders.AnswerGrader;
import org.reft4j.task.source.Datasets;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;
import org.reft4j.train.learn.AdamW;
import org.reft4j.train.learn.Learners;
import org.reft4j.train.loss.PpoConfig;
import org.reft4j.train.loss.PpoLoss;
import org.reft4j.train.rollout.Experience;
import org.reft4j.train.rollout.Grading;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.rollout.Rollout;
import org.reft4j.train.rollout.StepRewards;
import org.reft4j.train.settings.ModelSource;
import org.reft4j.train.settings.ModelSources;
import org.reft4j.train.settings.OptimizerConfig;

/** Sends one question along the path of reinforced fine-tuning and writes down what it is at each stage. */
final class FlowPage implements AutoCloseable {
    private static final String LINE = """
            {"id": "apples", "question": "Ann had 12 apples. She ate 5. How many are left?", "answer": "7", \
            "rationale": "def solution():\\n    \\"\\"\\"Ann had 12 apples. She ate 5. How many are left?\\"\\"\\"\\n    \
            start = 12\\n    result = start - 5\\n    return result"}""";

    private static final String RIGHT = "    start = 12\n    result = start - 5\n    return result";
    private static final String WRONG = RIGHT.replace('-', '+');
    private static final PpoConfig PPO = new PpoConfig(1, 2, 0.2, 0.2, 1, 1, 0.95, 0.05, true);
    private static final double RATE = 3e-3;
    private static final int TOKEN_BUDGET = 4096;
    private static final int WIDTH = 32;
    private static final long SEED = 42;

    private final StringBuilder page = new StringBuilder();
    private final Dataset data;
    private final Tokenizer tokenizer;
    private final Prompts prompts;
    private final PolicyModel policy;
    private final PolicyModel reference;

    FlowPage(Path scratch) throws IOException {
        Torch.start();
        Path file = Files.writeString(scratch.resolve("train.jsonl"), LINE + "\n");
        data = Datasets.open(new DataConfig(null, file.toString(), Cot.PROGRAM, 0, SEED, 0, 0, Map.of()));
        ModelSource source =
                new ModelSource(null, new ModelSource.NewModel(2, WIDTH, 2, 1, 64, 256, 0.02), "f32", "cpu");
        ModelSources.Source model = ModelSources.open(source, SEED);
        tokenizer = model.tokenizer();
        prompts = new Prompts(tokenizer, data.template(), tokenizer.endOfText().orElseThrow());
        try (var _ = NativeScope.open()) {
            reference = PolicyModel.of(model.build(DType.F32, Place.HOST));
            policy = PolicyModel.withValueHead(
                    model.build(DType.F32, Place.HOST),
                    Tensors.zeros(Place.HOST, DType.F32, 1, WIDTH),
                    Tensors.floats(Place.HOST, new float[] {0.5f}, 1));
        }
    }

    String write() {
        page.append("""
                # One question, from data to update

                <!-- Generated; FlowDocumentTest says how to refresh it. Do not edit. -->

                The values that one question takes along the path of [ReftRecipe](../train/src/main/java/org/reft4j/train/algorithm/ReftRecipe.java).
                The model has two layers of width 32 and random weights, so it would write noise. Two completions are therefore given by hand,
                a right one and a wrong one; everything else is what the program computes. The value head starts with 0.5 everywhere. The settings
                are the paper's, but for a value weight of 1 and a learning rate of 0.003, at which two updates can be seen. Formulas: [algorithms/reft.md](algorithms/reft.md).

                ## 1. A line of a data file becomes a question
                """);
        fence("json", LINE);
        Question question = data.train().getFirst().withoutRationale();
        page.append("`Question` without its annotation, which reinforced fine-tuning never sees:\n");
        fence("text", question.toString().replace(question.place(), "train.jsonl, line 1"));

        page.append(
                "## 2. The question becomes a prompt\n\n`ReftTemplate`, with the head that sampling starts from:\n");
        fence("text", data.template().prompt(question) + prompts.start(question).head());
        Tokens start = prompts.start(question).tokens();
        page.append(
                "The line break behind the head is left for the model to write, since the tokenizer joins it with the indentation. ");
        page.append("`Prompts.start`, ").append(start.size()).append(" token ids:\n");
        fence("text", start.toString());

        List<Rollout> graded = grade(question, start);
        List<Row> rows = graded.stream().map(g -> g.row()).toList();
        List<float[]> rewards = StepRewards.none().of(graded);
        try (AdamW optimizer = new AdamW(
                policy.parameters(),
                java.util.List.of(),
                1,
                new OptimizerConfig(RATE, OptimizerConfig.Schedule.CONSTANT, 0, 0.9, 0.999, 1e-8, 0, 1))) {
            // A first step, so that the policy is no longer the reference.
            update(Learners.experience(rows, rewards, policy, reference, PPO, TOKEN_BUDGET), optimizer);
            learn(rows, rewards, optimizer);
        }
        return page.toString();
    }

    private List<Rollout> grade(Question question, Tokens start) {
        List<Rollout> rollouts = new ArrayList<>();
        for (String body : List.of(RIGHT, WRONG)) {
            String head = prompts.start(question).head();
            String whole = data.template().header(question) + body;
            Tokens tokens = tokenizer.encode(whole.substring(head.length())).append(prompts.endOfText());
            Completion completion = new Completion(tokens, StopReason.END_OF_TEXT, new float[tokens.size()]);
            rollouts.add(new Rollout(question, rollouts.size(), start, completion, head + tokenizer.decode(tokens)));
        }
        List<Rollout> graded;
        try (ProgramRunner programs = ProgramPool.start(1, Duration.ofSeconds(10))) {
            graded = Grading.all(rollouts, new AnswerGrader(Cot.PROGRAM, programs), RewardRule.REFT);
        }
        page.append("## 3. The prompt becomes completions, and these get grades\n\n");
        for (Rollout rollout : graded) {
            page.append("Head and completion ")
                    .append(rollout.sample())
                    .append(", ")
                    .append(rollout.completion().tokens().size())
                    .append(" tokens with the end of text:\n");
            fence("python", rollout.text());
            page.append("`")
                    .append(rollout.grade())
                    .append("`, reward ")
                    .append(rollout.reward())
                    .append(".\n\n");
        }
        return graded;
    }

    private void learn(List<Row> rows, List<float[]> rewards, AdamW optimizer) {
        Experience before = Learners.experience(rows, rewards, policy, reference, PPO, TOKEN_BUDGET);
        page.append("""
                ## 4. Every token gets its figures

                In the second step of this run, when the policy has already moved away from the reference. Completion 0:

                | token | log-prob, policy | log-prob, reference | value | reward | advantage | whitened | return |
                |---|---|---|---|---|---|---|---|
                """);
        Experience.Entry entry = before.entries().getFirst();
        Tokens tokens = entry.row().completion();
        for (int t = 0; t < tokens.size(); t++) {
            page.append("| `").append(shown(tokenizer.piece(tokens.get(t)))).append("` |");
            for (float[] column : List.of(
                    entry.logprobs(),
                    entry.reference(),
                    entry.values(),
                    entry.rewards(),
                    entry.advantages(),
                    entry.whitened(),
                    entry.returns())) {
                page.append(' ').append(number(column[t])).append(" |");
            }
            page.append('\n');
        }
        page.append("""

                All rewards but the last are the KL penalty alone, 0.05 times the difference of the two log-probabilities. The last one has the
                grade's reward on top. Whitening is over the tokens of both completions.

                ## 5. The figures become a loss, and the loss an update

                | | |
                |---|---|
                """);
        Update update = update(before, optimizer);
        row("policy loss", update.policy);
        row("value loss", update.value);
        row("gradient norm before clipping", update.gradientNorm);
        Experience after = Learners.experience(rows, rewards, policy, reference, PPO, TOKEN_BUDGET);
        for (int i = 0; i < rows.size(); i++) {
            row(
                    "log-prob of completion " + i + " (reward " + rewards.get(i)[rewards.get(i).length - 1]
                            + ") before the update",
                    sum(before, i));
            row("log-prob of completion " + i + " after the update", sum(after, i));
        }
        double gain = sum(after, 0) - sum(before, 0) - (sum(after, 1) - sum(before, 1));
        page.append("""

                In the first update of a step every ratio is 1, and the policy loss is minus the mean of the whitened advantages: 0 here, since both
                completions are of one length. What counts is its gradient.

                """);
        page.append("The right completion gained ")
                .append(number(gain))
                .append(
                        " on the wrong one, in natural logarithms. That is all that reinforced fine-tuning does, many times over.\n");
    }

    /** Figures of one update. */
    private record Update(double policy, double value, double gradientNorm) {}

    private Update update(Experience experience, AdamW optimizer) {
        optimizer.zeroGradients();
        int[] all = {0, 1};
        double policyLoss;
        double valueLoss;
        try (var _ = NativeScope.open();
                var _ = Torch.recordGradients()) {
            PpoLoss loss = PpoLoss.of(
                    policy.score(Rows.of(Place.HOST, experience.rows(all))), experience.old(Place.HOST, all, all), PPO);
            loss.total().backward();
            policyLoss = Tensors.toDouble(loss.policy());
            valueLoss = Tensors.toDouble(loss.value());
        }
        return new Update(policyLoss, valueLoss, optimizer.clipAndStep(RATE));
    }

    private static double sum(Experience experience, int entry) {
        double sum = 0;
        for (float logprob : experience.entries().get(entry).logprobs()) {
            sum += logprob;
        }
        return sum;
    }

    private void row(String name, double value) {
        page.append("| ").append(name).append(" | ").append(number(value)).append(" |\n");
    }

    private void fence(String language, String text) {
        page.append("\n```").append(language).append('\n').append(text).append("\n```\n\n");
    }

    private static String number(double value) {
        String text = String.format(Locale.ROOT, "%.3f", value);
        return text.equals("-0.000") ? "0.000" : text;
    }

    private static String shown(String piece) {
        return piece.replace("\n", "⏎").replace(' ', '·').replace("|", "\\|");
    }

    @Override
    public void close() {
        policy.close();
        reference.close();
        tokenizer.close();
    }
}
