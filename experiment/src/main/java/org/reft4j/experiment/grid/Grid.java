package org.reft4j.experiment.grid;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.reft4j.train.config.Setting;

/**
 * Grid of runs of {@code reft experiment FILE}: every rung with every seed, and swept rungs with every value.
 *
 * @param name name of the experiment
 * @param about one sentence for the report; may be empty
 * @param rungs in the order of the file; a rung comes after the one that it starts from
 * @param seeds seeds of everything random except the data
 * @param baseline the rung that all others are compared with
 * @param pairs further comparisons
 * @param sweep a setting that takes several values
 */
public record Grid(
        String name,
        String about,
        List<Rung> rungs,
        List<Long> seeds,
        String baseline,
        List<Pair> pairs,
        Optional<Sweep> sweep) {
    public Grid {
        rungs = List.copyOf(rungs);
        seeds = List.copyOf(seeds);
        pairs = List.copyOf(pairs);
    }

    /** Two rungs: what does the second gain over the first? Where both are swept, they are compared value by value. */
    public record Pair(String first, String second) {
        Set<String> both() {
            return Set.copyOf(List.of(first, second));
        }
    }

    /**
     * One way of training.
     *
     * @param recipe its configuration file
     * @param set settings that override the file's, such as {@code ppo.kl=0.01}
     * @param from the rung whose best checkpoint of the same seed it starts from; empty for the file's own model
     * @param samples the rung whose completions of the same seed it trains on; empty for the file's own samples, if it needs any
     * @param control true for a control run, whose reward does not depend on the right answer
     * @param shown true if it has a line in the tables; rungs that others only start from may be left out
     * @param vote number of answers sampled to each test question for voting; 0 for none
     * @param rerank the rung whose reward model of the same seed chooses among these answers; empty for none
     */
    public record Rung(
            String name,
            Path recipe,
            List<Setting> set,
            Optional<String> from,
            Optional<String> samples,
            boolean control,
            boolean shown,
            int vote,
            Optional<String> rerank) {
        public Rung {
            set = List.copyOf(set);
        }

        /** The other rungs that it needs something of. */
        List<String> needs() {
            return Stream.of(from, samples, rerank).flatMap(Optional::stream).toList();
        }

        private Rung with(List<Setting> more) {
            List<Setting> all = Stream.concat(set.stream(), more.stream()).toList();
            return new Rung(name, recipe, all, from, samples, control, shown, vote, rerank);
        }
    }

    /**
     * One setting with several values.
     *
     * @param rungs that take them; all others run once
     */
    public record Sweep(String key, List<JsonNode> values, List<String> rungs) {
        public Sweep {
            values = List.copyOf(values);
            rungs = List.copyOf(rungs);
        }

        /** As folders and tables name it, such as {@code learning-rate-0.001}. */
        String label(JsonNode value) {
            String word = value.isTextual() ? value.asText() : value.toString();
            return (key.substring(key.lastIndexOf('.') + 1) + "-" + word)
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^a-z0-9.+-]+", "-");
        }
    }

    /**
     * One run.
     *
     * @param setting the label of the swept value; empty where nothing is swept
     * @param value the swept value
     */
    public record Cell(Rung rung, String setting, Optional<JsonNode> value, long seed) {
        /** Below the experiment's folder. */
        public String path() {
            return rung.name() + (setting.isEmpty() ? "" : "/" + setting) + "/seed-" + seed;
        }

        /** The line of tables that it belongs to. */
        public String group() {
            return rung.name() + (setting.isEmpty() ? "" : " " + setting);
        }
    }

    /**
     * The part that some seeds and rungs are, with the baseline and whatever rungs they start from, learn from and are ranked by.
     *
     * @param someSeeds none for all; need not be among those of the file
     * @param someRungs none for all; each one of this grid's
     */
    public Grid part(List<Long> someSeeds, List<String> someRungs) {
        List<Long> newSeeds = someSeeds.isEmpty() ? seeds : someSeeds;
        if (someRungs.isEmpty()) {
            return new Grid(name, about, rungs, newSeeds, baseline, pairs, sweep);
        }
        Set<String> needed = new HashSet<>(someRungs);
        needed.add(baseline);
        for (Rung rung : rungs.reversed()) {
            if (needed.contains(rung.name())) {
                needed.addAll(rung.needs());
            }
        }
        List<Rung> kept =
                rungs.stream().filter(rung -> needed.contains(rung.name())).toList();
        Optional<Sweep> swept = sweep.map(all -> new Sweep(
                        all.key(),
                        all.values(),
                        all.rungs().stream().filter(needed::contains).toList()))
                .filter(some -> !some.rungs().isEmpty());
        List<Pair> keptPairs =
                pairs.stream().filter(pair -> needed.containsAll(pair.both())).toList();
        return new Grid(name, about, kept, newSeeds, baseline, keptPairs, swept);
    }

    /** The same with settings put over those of every rung; the report names them. */
    public Grid with(List<Setting> settings) {
        if (settings.isEmpty()) {
            return this;
        }
        List<Rung> changed = rungs.stream().map(rung -> rung.with(settings)).toList();
        String all = settings.stream().map(Setting::toString).collect(Collectors.joining(", "));
        String said = (about + " Every rung with " + all + ".").strip();
        return new Grid(name, said, changed, seeds, baseline, pairs, sweep);
    }

    /** A rung by its name. */
    public Rung rung(String wanted) {
        return rungs.stream()
                .filter(rung -> rung.name().equals(wanted))
                .findFirst()
                .orElseThrow();
    }

    /** Every run in the order in which they go: seed by seed, so that an early look has every rung. */
    public List<Cell> cells() {
        List<Cell> cells = new ArrayList<>();
        seeds.forEach(seed -> rungs.forEach(rung -> cells.addAll(cells(rung, seed))));
        return cells;
    }

    /** The runs of one rung with one seed. */
    public List<Cell> cells(Rung rung, long seed) {
        return sweep.filter(swept -> swept.rungs().contains(rung.name()))
                .map(swept -> swept.values().stream()
                        .map(value -> new Cell(rung, swept.label(value), Optional.of(value), seed))
                        .toList())
                .orElse(List.of(new Cell(rung, "", Optional.empty(), seed)));
    }

    /** The run whose model a run starts from. */
    public Optional<Cell> origin(Cell cell) {
        return cell.rung().from().map(from -> single(from, cell.seed()));
    }

    /** The run whose samples a run learns from. */
    Optional<Cell> sampled(Cell cell) {
        return cell.rung().samples().map(from -> single(from, cell.seed()));
    }

    /** The run whose reward model ranks a run's samples. */
    Optional<Cell> judge(Cell cell) {
        return cell.rung().rerank().map(from -> single(from, cell.seed()));
    }

    private Cell single(String name, long seed) {
        return new Cell(rung(name), "", Optional.empty(), seed);
    }

    /** The settings that a run puts over its recipe's: its rung's, the swept value, and its own. */
    List<Setting> settings(Cell cell, Links links) {
        List<Setting> settings = new ArrayList<>(cell.rung().set());
        cell.value()
                .ifPresent(
                        value -> settings.add(new Setting(sweep.map(Sweep::key).orElseThrow(), value.toString())));
        settings.addAll(own(cell, links));
        return settings;
    }

    /** The settings that tell a run from others of its line: its seed, and what it gets from other runs. */
    static List<Setting> own(Cell cell, Links links) {
        List<Setting> settings = new ArrayList<>();
        settings.add(new Setting("seed", Long.toString(cell.seed())));
        settings.addAll(links.settings());
        return settings;
    }
}
