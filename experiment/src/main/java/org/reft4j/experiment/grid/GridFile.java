package org.reft4j.experiment.grid;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.reft4j.ground.settings.Fields;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.config.Setting;

/** Reads the file of an experiment and collects everything that is wrong with it. */
public final class GridFile {
    private static final Set<String> KEYS = Set.of("name", "about", "seeds", "baseline", "compare", "rungs", "sweep");
    private static final Set<String> RUNG_KEYS =
            Set.of("name", "recipe", "set", "from", "samples", "control", "shown", "vote", "rerank");
    /** Names of files that an experiment writes next to the folders of its rungs. */
    private static final Pattern REPORT = Pattern.compile(".*\\.(json|html|md|csv|svg)");
    /** Keys that the grid sets itself, since they decide the place of a run. */
    private static final Set<String> OWN = Set.of("seed", "name");

    private static final Set<String> SWEEP_KEYS = Set.of("key", "values", "rungs");

    private final Path file;
    private final List<String> problems = new ArrayList<>();

    private GridFile(Path file) {
        this.file = file;
    }

    /**
     * Reads a file.
     *
     * @throws ConfigException with every problem, one a line
     */
    public static Grid read(Path file) {
        GridFile reader = new GridFile(file);
        Grid grid = reader.grid(ConfigFile.object(file));
        refuse(reader.problems);
        return grid;
    }

    /** @throws ConfigException if there are problems: all of them, one a line */
    static void refuse(List<String> problems) {
        if (!problems.isEmpty()) {
            throw new ConfigException(
                    problems.size() == 1
                            ? problems.getFirst()
                            : problems.size() + " problems:\n  " + String.join("\n  ", problems));
        }
    }

    private Grid grid(JsonNode node) {
        Fields root = fields(node, "", KEYS);
        String name = root.word("name", "");
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
            root.refuse("name", "a plain folder name such as ladder");
        }
        List<Grid.Rung> rungs = rungs(root.given("rungs"));
        Optional<Grid.Sweep> sweep = root.value("sweep").map(given -> sweep(given, rungs));
        List<String> measured = names(rungs.stream().filter(Grid.Rung::shown).toList());
        if (measured.isEmpty() && !rungs.isEmpty()) {
            problems.add(file + ": no rung is shown, so that nothing would be measured; leave out shown: false of one");
        }
        String baseline = root.word("baseline", measured.isEmpty() ? "" : measured.getFirst());
        if (!measured.isEmpty() && !measured.contains(baseline)) {
            root.refuse("baseline", "one of the rungs that are shown, " + measured);
        }
        List<Grid.Pair> pairs = root.value("compare")
                .map(given -> pairs(given, measured, baseline))
                .orElse(List.of());
        return new Grid(name, root.word("about", ""), rungs, seeds(root.given("seeds")), baseline, pairs, sweep);
    }

    private List<Grid.Pair> pairs(JsonNode node, List<String> measured, String baseline) {
        if (!node.isArray()) {
            problem("compare", node, "a list of pairs of rungs such as [[online-st, reft], [grpo, reft]]");
        }
        List<Grid.Pair> pairs = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            JsonNode given = node.get(i);
            Grid.Pair pair = new Grid.Pair(given.path(0).asText(), given.path(1).asText());
            String place = "compare[" + i + "]";
            if (given.size() != 2 || pair.both().size() != 2 || !measured.containsAll(pair.both())) {
                problem(place, given, "two rungs that are measured, among " + measured);
            } else if (pairs.stream().anyMatch(other -> other.both().equals(pair.both()))) {
                problem(place, given, "a pair that is not there yet");
            } else if (pair.both().contains(baseline)) {
                problem(place, given, "a pair without the baseline, which all are compared with anyway");
            } else {
                pairs.add(pair);
            }
        }
        return pairs;
    }

    private List<Long> seeds(JsonNode node) {
        List<Long> seeds = new ArrayList<>();
        node.forEach(seed -> {
            if (seed.canConvertToLong() && seed.isIntegralNumber()) {
                seeds.add(seed.asLong());
            } else {
                problem("seeds", seed, "whole numbers");
            }
        });
        if (!node.isArray() || node.isEmpty() || new HashSet<>(seeds).size() != seeds.size()) {
            problem("seeds", node, "a list of different whole numbers such as [1, 2, 3]");
        }
        return seeds;
    }

    private List<Grid.Rung> rungs(JsonNode node) {
        if (!node.isArray() || node.isEmpty()) {
            problem("rungs", node, "a list of rungs, each with name and recipe");
            return List.of();
        }
        List<Grid.Rung> rungs = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            rung(node.get(i), "rungs[" + i + "]", rungs).ifPresent(rungs::add);
        }
        return rungs;
    }

    private Optional<Grid.Rung> rung(JsonNode node, String place, List<Grid.Rung> before) {
        Fields rung = fields(node, place, RUNG_KEYS);
        String name = rung.word("name", "");
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*") || REPORT.matcher(name).matches()) {
            rung.refuse("name", "a plain folder name such as reft");
            return Optional.empty();
        }
        if (before.stream().anyMatch(other -> other.name().equals(name))) {
            rung.refuse("name", "a name that no rung before it has");
        }
        Optional<String> from = earlier(rung, "from", before);
        Optional<String> samples = earlier(rung, "samples", before);
        JsonNode set = rung.given("set");
        if (rung.value("set").filter(given -> !given.isObject()).isPresent()) {
            rung.refuse("set", "keys and values such as {ppo.kl: 0}");
        }
        Optional<String> rerank = earlier(rung, "rerank", before);
        int vote = rung.value("vote").isEmpty()
                ? 0
                : (int) rung.whole(
                        "vote", 1, Integer.MAX_VALUE, "how many answers to sample to each test question, 1 or more");
        if (rerank.isPresent() && vote == 0) {
            rung.refuse("vote", "how many answers " + rerank.get() + " is to choose among");
        }
        boolean shown = rung.flag("shown", true);
        if (vote > 0 && !shown) {
            rung.refuse("vote", "none where shown is false: nothing of it is measured");
        }
        overwritten(rung, set, from.isPresent(), samples.isPresent());
        return Optional.of(new Grid.Rung(
                name, recipe(rung), settings(set), from, samples, rung.flag("control", false), shown, vote, rerank));
    }

    private static List<Setting> settings(JsonNode values) {
        return values.properties().stream()
                .map(entry -> new Setting(entry.getKey(), entry.getValue().toString()))
                .toList();
    }

    /** Refuses settings that the grid would put its own over. */
    private static void overwritten(Fields rung, JsonNode set, boolean from, boolean samples) {
        Set<String> decided = new HashSet<>(OWN);
        decided.addAll(from ? List.of("model", "model.path", "model.new") : List.of());
        decided.addAll(samples ? List.of("samples", "samples.path") : List.of());
        set.fieldNames().forEachRemaining(key -> {
            if (decided.contains(key)) {
                rung.refuse("set", "no " + key + ", which the grid decides");
            }
        });
    }

    private static Optional<String> earlier(Fields rung, String key, List<Grid.Rung> before) {
        Optional<String> given = rung.value(key).map(_ -> rung.word(key, ""));
        given.filter(wanted -> before.stream().noneMatch(other -> other.name().equals(wanted)))
                .ifPresent(_ -> rung.refuse(key, "the name of a rung before it" + before(before)));
        return given;
    }

    private Path recipe(Fields rung) {
        String given = rung.word("recipe", "");
        Path here = Path.of(given);
        Path folder = file.toAbsolutePath().getParent();
        Path found = Files.isRegularFile(here) || folder == null ? here : folder.resolve(given);
        if (given.isEmpty()) {
            rung.refuse("recipe", "a configuration file, as for reft train");
        } else if (!Files.isRegularFile(found)) {
            rung.refuse(
                    "recipe",
                    "a configuration file (looked for " + here.toAbsolutePath() + " and " + found.normalize() + ")");
        }
        return found.normalize();
    }

    private Grid.Sweep sweep(JsonNode node, List<Grid.Rung> rungs) {
        Fields fields = fields(node, "sweep", SWEEP_KEYS);
        String key = fields.word("key", "");
        if (key.isEmpty() || OWN.contains(key) || key.matches("(model|samples)([.].*)?")) {
            fields.refuse("key", "a setting such as optimizer.learning-rate, none of seed, name, model and samples");
        }
        List<JsonNode> values = StreamSupport.stream(fields.given("values").spliterator(), false)
                .toList();
        if (!fields.given("values").isArray() || values.isEmpty() || new HashSet<>(values).size() != values.size()) {
            fields.refuse("values", "a list of different values");
        }
        List<String> origins =
                rungs.stream().flatMap(rung -> rung.needs().stream()).toList();
        if (fields.value("rungs").filter(given -> !given.isArray()).isPresent()) {
            fields.refuse("rungs", "a list of rungs such as [reft]");
        }
        List<String> swept = fields.value("rungs").isPresent()
                ? StreamSupport.stream(fields.given("rungs").spliterator(), false)
                        .map(JsonNode::asText)
                        .toList()
                : rungs.stream()
                        .map(Grid.Rung::name)
                        .filter(name -> !origins.contains(name))
                        .toList();
        for (String name : swept) {
            if (rungs.stream().noneMatch(rung -> rung.name().equals(name))) {
                problems.add(file + ": sweep.rungs names " + name + "; expected one of " + names(rungs));
            } else if (origins.contains(name)) {
                problems.add(file + ": sweep.rungs names " + name
                        + ", which another rung needs; sweep the rungs that no other needs");
            }
        }
        Grid.Sweep sweep = new Grid.Sweep(key, values, swept);
        Set<String> labels = new HashSet<>();
        for (JsonNode value : new LinkedHashSet<>(values)) {
            if (!labels.add(sweep.label(value))) {
                problem("sweep.values", value, "a value whose folder, " + sweep.label(value) + ", no other has");
            }
        }
        return sweep;
    }

    /** The fields of a part of the file, whose other keys are problems. */
    private Fields fields(JsonNode node, String place, Set<String> legal) {
        Fields fields = new Fields(node, place, this::problem);
        if (!node.isObject()) {
            problem(place.isEmpty() ? "the file" : place, node, "keys and values");
        }
        String prefix = place.isEmpty() ? "" : place + ".";
        for (String key : fields.besides(legal)) {
            problems.add(file + ": there is no key " + prefix + key + "; expected one of "
                    + legal.stream().sorted().toList());
        }
        return fields;
    }

    private void problem(String key, JsonNode given, String expected) {
        problems.add(
                file + ": " + key + " is " + (given.isMissingNode() ? "missing" : given) + "; expected " + expected);
    }

    private static List<String> names(List<Grid.Rung> rungs) {
        return rungs.stream().map(Grid.Rung::name).toList();
    }

    private static String before(List<Grid.Rung> before) {
        return before.isEmpty() ? " (there is none)" : ", one of " + names(before);
    }
}
