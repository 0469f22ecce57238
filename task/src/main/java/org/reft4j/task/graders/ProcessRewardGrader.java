package org.reft4j.task.graders;

import java.util.List;
import java.util.Map;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.GraderType;
import org.reft4j.task.grade.StepAggregate;
import org.reft4j.task.grade.StepGrader;
import org.reft4j.task.grade.StepModel;
import org.reft4j.task.grade.StepScore;

/** {@code process_reward_model}: what a trained model says of each step; of a whole completion, one number made of them. */
final class ProcessRewardGrader implements Grader, StepGrader {
    static final GraderType TYPE = new GraderType(
            "process_reward_model",
            "a process reward model of this machine judges every step; min, product or last of them",
            ProcessRewardGrader::read);

    private final StepModel model;
    private final StepAggregate aggregate;

    private ProcessRewardGrader(StepModel model, StepAggregate aggregate) {
        this.model = model;
        this.aggregate = aggregate;
    }

    private static Grader read(GraderFields fields, GraderTools tools) {
        String name = fields.text("model");
        StepModel model = tools.models()
                .steps(name)
                .orElseThrow(() -> fields.fault(
                        "model",
                        "is \"" + name + "\", which is no reward model",
                        "map it: models: {" + name + ": {path: the folder of a reward model}}; mapped is "
                                + tools.models().names()));
        return new ProcessRewardGrader(model, fields.word("aggregate", StepAggregate.MIN));
    }

    @Override
    public Grade grade(Question question, String completion) {
        List<StepScore> steps = steps(question, completion);
        double score = aggregate.of(steps.stream().map(StepScore::score).toList());
        return new Grade.Scored(score, Map.of(), steps.size() + " steps");
    }

    @Override
    public List<StepScore> steps(Question question, String completion) {
        return model.steps(question, completion);
    }
}
