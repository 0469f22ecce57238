package org.reft4j.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.tensor.Calibration;
import org.reft4j.tensor.Torch;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;

/**
 * One step of reinforced fine-tuning with adapters on a model of 7 billion parameters: the resident memory and the time of each phase.
 * Linux only, since it reads {@code /proc/self/status}.
 *
 * <p>Arguments: a folder for the model, written there if it is not (13.5 GB; delete it afterwards); then settings as after {@code --set}.
 */
public final class LargeModelBench {
    static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("model.compute", "bf16"),
            Map.entry("lora.rank", "16"),
            Map.entry("lora.targets", "q_proj, v_proj"),
            Map.entry("data.dataset", "wordproblems"),
            Map.entry("data.cot", "n"),
            Map.entry("data.options.answers", "8"),
            Map.entry("data.options.annotated", "8"),
            Map.entry("data.options.validation", "1"),
            Map.entry("data.options.test", "1"),
            Map.entry("steps", "1"),
            Map.entry("rollout.questions", "4"),
            Map.entry("rollout.samples", "2"),
            Map.entry("rollout.max-prompt-tokens", "160"),
            Map.entry("rollout.max-total-tokens", "192"),
            Map.entry("rollout.batch", "8"),
            Map.entry("ppo.minibatch", "8"),
            Map.entry("optimizer.learning-rate", "1e-4"),
            Map.entry("evaluate.questions", "1"),
            Map.entry("evaluate.max-total-tokens", "160"),
            Map.entry("evaluate.batch", "1"),
            // Random weights make a large gap between sampling and training; only memory and time matter here.
            Map.entry("guards.logprob-gap", "100"),
            Map.entry("guards.kl-warn", "1e9"),
            Map.entry("guards.kl-stop", "1e9"));

    private LargeModelBench() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length == 0) {
            System.err.println("expected a folder for the model of 13.5 GB, such as one on a disk with 15 GB free");
            System.exit(2);
        }
        Calibration.chooseBlas();
        Torch.start();
        Path folder = Path.of(arguments[0]);
        LargeModel.write(folder);
        Map<String, String> settings = new LinkedHashMap<>(SETTINGS);
        settings.put("model.path", folder.toString());
        for (String set : List.of(arguments).subList(1, arguments.length)) {
            settings.put(set.substring(0, set.indexOf('=')), set.substring(set.indexOf('=') + 1));
        }
        try (Memory memory = new Memory(Files.createTempDirectory("large-model"))) {
            ConfigFile.of("reft", settings).run(memory, GraderTools.plain(Cot.PROSE));
        }
    }

    /** Prints what is resident whenever the run says something. */
    private static final class Memory implements Run, AutoCloseable {
        private final Path folder;
        private final long begin = System.nanoTime();
        private String phase = "";

        private Memory(Path folder) {
            this.folder = folder;
            System.out.printf(Locale.ROOT, "%9s %12s %12s  %s%n", "seconds", "now MiB", "most MiB", "after");
        }

        @Override
        public void emit(RunEvent event) {
            String what = switch (event) {
                case RunEvent.Progress progress -> progress.phase();
                case RunEvent.Stepped stepped -> "step: " + stepped.timings() + " " + stepped.metrics();
                default -> event.getClass().getSimpleName().toLowerCase(Locale.ROOT);
            };
            if (!what.equals(phase)) {
                line(what);
            }
            phase = what;
        }

        private void line(String what) {
            System.out.printf(
                    Locale.ROOT,
                    "%9.1f %12d %12d  %s%n",
                    (System.nanoTime() - begin) / 1e9,
                    status("VmRSS:"),
                    status("VmHWM:"),
                    what);
        }

        private static long status(String key) {
            try {
                return Files.readAllLines(Path.of("/proc/self/status")).stream()
                        .filter(line -> line.startsWith(key))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                        .findFirst()
                        .orElse(-1);
            } catch (IOException e) {
                return -1;
            }
        }

        @Override
        public Checkpoint checkpoint(int step, double score, Contents contents) {
            contents.write(folder);
            line("checkpoint");
            return new Checkpoint(step, folder, score);
        }

        @Override
        public Optional<Checkpoint> latest() {
            return Optional.empty();
        }

        @Override
        public Optional<Checkpoint> best() {
            return Optional.empty();
        }

        @Override
        public boolean stopRequested() {
            return false;
        }

        @Override
        public Path folder() {
            return folder;
        }

        @Override
        public void close() {
            line("end");
            try (var files = Files.walk(folder)) {
                for (Path file :
                        files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot delete " + folder, e);
            }
        }
    }
}
