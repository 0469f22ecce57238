package org.reft4j.task.graders;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleBiFunction;
import org.reft4j.ground.text.FuzzyMatch;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.GraderType;
import org.reft4j.task.grade.ModelMap;
import org.reft4j.task.grade.Template;
import org.reft4j.task.judge.EmbeddingModel;
import org.reft4j.task.similarity.Bleu;
import org.reft4j.task.similarity.Gleu;
import org.reft4j.task.similarity.Meteor;
import org.reft4j.task.similarity.Rouge;
import org.reft4j.task.similarity.WordNet;

/** {@code text_similarity}: how alike two texts are, by one of several measures, from 0 to 1. */
final class TextSimilarityGrader implements Grader {
    static final GraderType TYPE = new GraderType(
            "text_similarity",
            "compares two texts by degree: fuzzy_match, bleu, gleu, meteor, rouge_1 to rouge_5, rouge_l or cosine",
            TextSimilarityGrader::read);

    private static final String COSINE = "cosine";
    private static final String METEOR = "meteor";
    private static final String EMBEDDING = "text-embedding-3-large";
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private final Template input;
    private final Template reference;
    private final Measure measure;

    private TextSimilarityGrader(Template input, Template reference, Measure measure) {
        this.input = input;
        this.reference = reference;
        this.measure = measure;
    }

    /** Compares two texts; may fail. */
    @FunctionalInterface
    interface Measure {
        Grade of(String input, String reference);
    }

    private static Grader read(GraderFields fields, GraderTools tools) {
        boolean stem = fields.flag("use_stemmer", false);
        Optional<String> wordNet = fields.optionalText("wordnet");
        Map<String, ToDoubleBiFunction<String, String>> measures =
                measures(stem, wordNet.map(TextSimilarityGrader::synonyms).orElse(Meteor.Synonyms.NONE));
        List<String> names = new ArrayList<>(measures.keySet());
        names.add(COSINE);
        String name = fields.word("evaluation_metric", names);
        if (stem && !name.startsWith("rouge")) {
            throw fields.fault("use_stemmer", "is true", "only the metrics rouge_1 to rouge_5 and rouge_l know of it");
        }
        if (wordNet.isPresent() && !name.equals(METEOR)) {
            throw fields.fault("wordnet", "is given", "only the metric meteor knows synonyms");
        }
        ToDoubleBiFunction<String, String> measure = measures.get(name);
        return new TextSimilarityGrader(
                fields.template("input"),
                fields.template("reference"),
                measure == null
                        ? cosine(fields, tools.models())
                        : (a, b) -> Grade.Scored.of(measure.applyAsDouble(a, b)));
    }

    private static Meteor.Synonyms synonyms(String folder) {
        return WordNet.read(Path.of(folder))::synonyms;
    }

    private static Map<String, ToDoubleBiFunction<String, String>> measures(boolean stem, Meteor.Synonyms synonyms) {
        Map<String, ToDoubleBiFunction<String, String>> measures = new LinkedHashMap<>();
        measures.put("fuzzy_match", FuzzyMatch::of);
        measures.put("bleu", Bleu::of);
        measures.put("gleu", Gleu::of);
        measures.put(METEOR, (a, b) -> Meteor.of(a, b, synonyms));
        for (int n = 1; n <= 5; n++) {
            int run = n;
            measures.put("rouge_" + n, (a, b) -> Rouge.n(run, stem, a, b));
        }
        measures.put("rouge_l", (a, b) -> Rouge.l(stem, a, b));
        return measures;
    }

    private static Measure cosine(GraderFields fields, ModelMap models) {
        String name = fields.optionalText("embedding_model").orElse(EMBEDDING);
        EmbeddingModel model = models.embedding(name)
                .orElseThrow(() -> fields.fault(
                        "evaluation_metric",
                        "is \"cosine\", which needs the embedding model " + name,
                        "give it an entry in the model map (\"" + ModelMap.DEFAULT
                                + "\" does not count), or choose another metric; mapped is " + models.names()));
        return new Cosine(model, fields.seconds("timeout", TIMEOUT));
    }

    @Override
    public Grade grade(Question question, String completion) {
        Template.Values values = Template.Values.of(question, completion);
        return values.graded(() -> measure.of(input.fill(values), reference.fill(values)));
    }

    /**
     * {@code cosine}: the cosine of the angle between the embeddings of two texts; 0 where it is negative.
     *
     * @param model makes the embeddings
     * @param timeout for one pair
     */
    private record Cosine(EmbeddingModel model, Duration timeout) implements TextSimilarityGrader.Measure {
        @Override
        public Grade of(String input, String reference) {
            return switch (model.embed(List.of(input, reference), timeout)) {
                case EmbeddingModel.Reply.Vectors(List<double[]> vectors) -> scored(vectors.get(0), vectors.get(1));
                case EmbeddingModel.Reply.Silent(String reason) ->
                    new Grade.Failed(GradeError.UNRESPONSIVE_REWARD_ERROR, reason);
                case EmbeddingModel.Reply.Broken(String reason) ->
                    new Grade.Failed(GradeError.MODEL_GRADER_SERVER_ERROR, reason);
            };
        }

        private static Grade scored(double[] one, double[] other) {
            double cosine = dot(one, other) / Math.sqrt(dot(one, one) * dot(other, other));
            return Double.isFinite(cosine)
                    ? Grade.Scored.of(Math.clamp(cosine, 0, 1))
                    : new Grade.Failed(
                            GradeError.MODEL_GRADER_SERVER_ERROR, "the embedding of a text is zero or not finite");
        }

        private static double dot(double[] one, double[] other) {
            double sum = 0;
            for (int i = 0; i < one.length; i++) {
                sum += one[i] * other[i];
            }
            return sum;
        }
    }
}
