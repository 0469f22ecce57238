package org.reft4j.train.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.rollout.Kept;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.KeptRollout.TokenTrace;

/**
 * Behaves towards a {@link Run} as a recipe does, with made-up figures that depend on seed and step only: what runs are made of in tests of
 * the folder and while the report is worked on.
 *
 * @param steps in all
 * @param every steps between evaluations, and between checkpoints
 * @param questions per step
 */
record StoryRecipe(long seed, int steps, int every, int questions) {
    private static final int POOL = 40;
    private static final int VALIDATION = 120;

    void run(Run run) {
        int first = run.latest().map(Run.Checkpoint::step).orElse(0);
        run.emit(new RunEvent.Started(first, steps, "reft"));
        run.emit(new RunEvent.Warned(first, "2 questions are longer than 300 tokens and left out"));
        if (first == 0) {
            run.emit(new RunEvent.Evaluated(0, "validation", evaluation(0)));
        }
        int step = first;
        while (step < steps && !run.stopRequested()) {
            step++;
            run.emit(new RunEvent.Progress(step, "sampling", 1, questions, "rollouts"));
            List<KeptRollout> rollouts = rollouts(step);
            run.emit(new RunEvent.RolledOut(step, rollouts));
            run.emit(new RunEvent.Stepped(step, steps, metrics(step, rollouts), timings(step)));
            if (step % 7 == 0) {
                run.emit(new RunEvent.Warned(step, "mean sequence KL is high in step " + step));
            }
            boolean measured = step % every == 0 || step == steps;
            double score = Double.NaN;
            if (measured) {
                Evaluation evaluation = evaluation(step);
                run.emit(new RunEvent.Evaluated(step, "validation", evaluation));
                score = evaluation.accuracy();
            }
            if (measured || run.stopRequested()) {
                checkpoint(run, step, score);
            }
        }
        run.emit(new RunEvent.Finished(step, step == steps ? RunEvent.Outcome.DONE : RunEvent.Outcome.STOPPED));
    }

    static void checkpoint(Run run, int step, double score) {
        run.checkpoint(step, score, folder -> {
            try {
                Files.createDirectory(folder.resolve("trainer"));
                Files.writeString(folder.resolve("trainer").resolve("cursor"), "step " + step);
                Files.writeString(folder.resolve("model.safetensors"), "weights " + step);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    double skill(int step) {
        return 0.25 + 0.5 * (1 - Math.exp(-2.5 * step / Math.max(1, steps)));
    }

    List<KeptRollout> rollouts(int step) {
        SplittableRandom random = random(step, 1);
        List<KeptRollout> rollouts = new ArrayList<>();
        for (int i = 0; i < questions; i++) {
            int number = Math.floorMod(step * questions + i, POOL);
            for (int sample = 0; sample < 2; sample++) {
                rollouts.add(rollout(step, number, sample, random));
            }
        }
        return rollouts;
    }

    private KeptRollout rollout(int step, int number, int sample, SplittableRandom random) {
        int apples = 3 + number % 9;
        int eaten = 1 + number % 4;
        String question = "Mia has " + apples + " boxes with 12 apples each and her brother eats " + eaten
                + " apples. How many apples are left? (story " + number + ")";
        double luck = random.nextDouble();
        String grade = luck < skill(step) ? "correct" : luck < 0.93 ? "wrong" : luck < 0.985 ? "no-answer" : "failed";
        int answer = 12 * apples - eaten + (grade.equals("correct") ? 0 : 1 + random.nextInt(30));
        boolean cut = grade.equals("no-answer") && random.nextBoolean();
        List<String> pieces = program(question, apples, eaten, answer, random);
        List<String> kept = cut ? pieces.subList(0, pieces.size() / 2) : pieces;
        return Kept.row(
                step,
                "story_" + number,
                sample,
                question,
                (12 * apples - eaten) + ".0",
                "def solution():\n    \"\"\"" + question + "\"\"\"\n" + String.join("", kept),
                kept.size(),
                grade,
                switch (grade) {
                    case "no-answer" -> "NameError: name 'boxes' is not defined";
                    case "failed" -> "worker did not answer";
                    default -> answer + ".0";
                },
                switch (grade) {
                    case "correct" -> 1;
                    case "wrong" -> 0.1;
                    case "failed" -> Double.NaN;
                    default -> 0;
                },
                cut ? "length" : "end-of-text",
                random.nextInt(8) == 0 ? trace(kept, grade.equals("correct") ? 1 : -1, random) : null);
    }

    private static List<String> program(String question, int apples, int eaten, int answer, SplittableRandom random) {
        List<String> pieces = new ArrayList<>(List.of(
                "    ", "boxes", " =", " ", "" + apples, "\n", "    ", "per", "_", "box", " =", " ", "1", "2", "\n"));
        if (random.nextInt(20) == 0) {
            pieces.addAll(List.of("    ", "# </script><script>document.title='owned'</script>", " <b>&amp;", "\n"));
        }
        pieces.addAll(
                List.of("    ", "e", "aten", " =", " ", "" + eaten, "\n", "    ", "apples", " =", " boxes", " *"));
        pieces.addAll(List.of(" per", "_", "box", "\n", "    ", "result", " =", " apples", " -", " e", "aten"));
        pieces.addAll(List.of(" +", " ", "" + (answer - 12 * apples + eaten), "\n"));
        pieces.addAll(List.of("    ", "return", " result", question.length() > 105 ? "\n" : "", "<|endoftext|>"));
        return pieces;
    }

    private static List<TokenTrace> trace(List<String> pieces, double sign, SplittableRandom random) {
        List<TokenTrace> trace = new ArrayList<>();
        for (int i = 0; i < pieces.size(); i++) {
            float logprob = (float) -Math.pow(random.nextDouble(), 6) * 3;
            float value = (float) (0.4 + sign * 0.5 * i / pieces.size() + 0.1 * random.nextDouble());
            trace.add(new TokenTrace(
                    pieces.get(i), logprob, logprob - (float) (0.2 * random.nextDouble() - 0.08), value, (float)
                            (sign * (1.4 - 1.2 * i / pieces.size()) + random.nextDouble() - 0.5)));
        }
        return trace;
    }

    private Map<String, Double> metrics(int step, List<KeptRollout> rollouts) {
        SplittableRandom random = random(step, 2);
        double done = (double) step / steps;
        double noise = random.nextDouble() - 0.5;
        Map<String, Double> metrics = new LinkedHashMap<>();
        for (String grade : List.of("correct", "wrong", "no-answer")) {
            metrics.put("score-" + grade, share(rollouts, grade));
        }
        metrics.put(
                "reward",
                rollouts.stream()
                        .mapToDouble(KeptRollout::reward)
                        .filter(Double::isFinite)
                        .average()
                        .orElse(0));
        metrics.put("truncated", 0.02 + 0.01 * noise);
        metrics.put("distinct-correct", share(rollouts, "correct") * rollouts.size());
        metrics.put("distinct-correct-total", 220 * (1 - Math.exp(-3 * done)));
        metrics.put("length-mean", 58 + 12 * done + 4 * noise);
        metrics.put("kl-sequence", 2.4 * done * done + 0.2 * noise);
        metrics.put("kl-k1", 0.04 * done + 0.004 * noise);
        metrics.put("kl-k3", 0.05 * done + 0.002 * random.nextDouble());
        metrics.put("entropy", 0.6 - 0.35 * done + 0.05 * noise);
        metrics.put("logprob-gap-max", 1e-4 * (1 + random.nextDouble()));
        metrics.put("logprob-gap-p999", 5e-5 * (1 + random.nextDouble()));
        metrics.put("logprob-gap-mean", 1e-6 * (1 + random.nextDouble()));
        metrics.put("clip-fraction", 0.05 + 0.02 * noise);
        metrics.put("explained-variance", step < 3 ? Double.NaN : 0.7 * done + 0.1 * noise);
        metrics.put("loss-policy", -0.02 + 0.03 * noise);
        metrics.put("loss-value", 0.08 - 0.05 * done + 0.01 * noise);
        metrics.put("loss-total", 0.38 - 0.25 * done + 0.08 * noise);
        metrics.put("gradient-norm", 1.2 + 0.6 * noise);
        metrics.put("learning-rate", 1e-4);
        return metrics;
    }

    private static double share(List<KeptRollout> rollouts, String grade) {
        return rollouts.stream().filter(r -> r.grade().equals(grade)).count() / (double) rollouts.size();
    }

    private Map<String, Double> timings(int step) {
        double noise = random(step, 3).nextDouble();
        return Map.of(
                "seconds", 2.1 + noise,
                "sample-seconds", 0.9 + noise / 2,
                "update-seconds", 1.1 + noise / 2,
                "sample-tokens-per-second", 900 - 80 * noise,
                "train-tokens-per-second", 2100 - 150 * noise);
    }

    Evaluation evaluation(int step) {
        List<Evaluation.Answered> answers = new ArrayList<>();
        for (int i = 0; i < VALIDATION; i++) {
            // A question stays solved for a while, as with a real model.
            double hardness = new SplittableRandom(seed * 1000 + i).nextDouble();
            boolean correct = hardness + 0.1 * (random(step, 100 + i).nextDouble() - 0.5) < skill(step);
            int right = 20 + i;
            int said = correct ? right : right + 1 + step % 5;
            answers.add(new Evaluation.Answered(
                    "validation_" + i,
                    "A train passes " + right + " trees in a minute. How many in one minute? (" + i + ")",
                    right + ".0",
                    "def solution():\n    trees = " + said + "\n    return trees",
                    correct ? "correct" : "wrong",
                    said + ".0",
                    correct,
                    "end-of-text",
                    correct ? 1 : 0.1));
        }
        return new Evaluation(answers, 3200, 4.5);
    }

    private SplittableRandom random(int step, int purpose) {
        return new SplittableRandom(seed * 1_000_003 + step * 1009L + purpose);
    }
}
