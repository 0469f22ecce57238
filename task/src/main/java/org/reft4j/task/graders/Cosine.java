package org.reft4j.task.graders;

import java.time.Duration;
import java.util.List;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.judge.EmbeddingModel;

/**
 * {@code cosine}: the cosine of the angle between the embeddings of two texts; 0 where it is negative.
 *
 * @param model makes the embeddings
 * @param timeout for one pair
 */
record Cosine(EmbeddingModel model, Duration timeout) implements TextSimilarityGrader.Measure {
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
