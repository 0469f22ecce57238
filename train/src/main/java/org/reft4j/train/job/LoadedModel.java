package org.reft4j.train.job;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.ClassifierConfig;
import org.reft4j.model.StoredModel;
import org.reft4j.model.chat.ChatOptions;
import org.reft4j.model.chat.ChatTemplate;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.model.decoder.families.ModelFamilies;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.model.hub.HubProgress;
import org.reft4j.model.hub.ModelHub;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.PromptTemplate;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.ReftTemplate;
import org.reft4j.task.grade.Grader;
import org.reft4j.tensor.Calibration;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Torch;
import org.reft4j.train.ConfigException;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.measure.Evaluator;
import org.reft4j.train.rollout.Asker;
import org.reft4j.train.rollout.Beginning;
import org.reft4j.train.rollout.PromptForm;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.rollout.Rollout;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.RunData;
import org.reft4j.train.run.RunReader;
import org.reft4j.train.sample.Fingerprint;
import org.reft4j.train.sample.SampleSettings;
import org.reft4j.train.settings.ModelSources;

/**
 * A model that is loaded to answer questions. Owns decoder and tokenizer.
 *
 * @param path the place of its files; of a run, the best checkpoint
 * @param compute the type of matrix products, {@code f32} or {@code bf16}
 */
public record LoadedModel(Path path, Decoder decoder, Tokenizer tokenizer, String compute) implements AutoCloseable {

    /**
     * @param model a model's folder, an adapter's folder, a GGUF file, the folder of a run, or a name on the hub
     * @param device {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}
     * @param compute {@code auto}, {@code f32} or {@code bf16}
     * @param progress gets the progress of downloads
     * @throws ConfigException if it is a reward model, or a run without a checkpoint
     */
    public static LoadedModel open(Path model, String device, String compute, HubProgress progress) {
        Path path = RunReader.model(ModelHub.locate(model.toString(), progress));
        StoredModel stored = StoredModel.open(path);
        if (ClassifierConfig.is(stored.config())) {
            throw new ConfigException(
                    path + " is a reward model, which writes no answers; give it to reft rerank, or name"
                            + " a language model");
        }
        Calibration.chooseBlas();
        Torch.start();
        ModelSizes sizes = ModelFamilies.of(stored.config()).sizes(stored.config());
        Place place = ModelSources.place(device, compute, sizes);
        Torch.fit(sizes.width(), place);
        Tokenizer tokenizer = stored.tokenizer();
        try {
            // Nothing is trained here: the weights are kept in the type that products are computed in.
            DType dtype = place.products();
            return new LoadedModel(
                    path, stored.build(dtype, place), tokenizer, dtype.name().toLowerCase(Locale.ROOT));
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    /**
     * A user's message as the model's chat template puts it.
     *
     * @param system the message before it
     */
    public String chat(String message, Optional<String> system) {
        ChatTemplate template = ChatTemplate.of(tokenizer)
                .orElseThrow(
                        () -> new ConfigException(
                                path
                                        + " has no chat template; put its chat_template.jinja into its folder, or ask without a template"));
        ArrayNode messages = Results.object().putArray("messages");
        system.ifPresent(text -> messages.addObject().put("role", "system").put("content", text));
        messages.addObject().put("role", "user").put("content", message);
        return template.render(messages, ChatOptions.prompt());
    }

    /** The token that ends a text. */
    int endOfText() {
        return tokenizer
                .endOfText()
                .orElseThrow(() -> new ConfigException(
                        path + " names no end-of-text token; add \"eos_token_id\" to its config.json"));
    }

    /** Checksum of everything that determines the model's output; equal for copies of one model. */
    public String fingerprint() {
        return Fingerprint.of(StoredModel.open(path));
    }

    /** The model as a folder of samples records it. */
    public SampleSettings.Model recorded() {
        return new SampleSettings.Model(path.toString(), fingerprint(), compute);
    }

    /** The prompt form that this model was trained with. */
    public PromptForm form() {
        return PromptForm.of(path, tokenizer);
    }

    /** Rule for the token in front of its prompts. */
    public Beginning beginning() {
        return PromptForm.trained(path).map(PromptForm::beginning).orElse(Beginning.AUTO);
    }

    /**
     * The prompts of this model.
     *
     * @throws ConfigException if it was trained with another prompt form
     */
    public Prompts prompts(PromptTemplate template) {
        return prompts(template, form());
    }

    /**
     * Questions as a form has it.
     *
     * @throws ConfigException if the form is of another kind of reasoning
     */
    public Prompts prompts(PromptTemplate template, PromptForm form) {
        form.require(template, path);
        return new Prompts(tokenizer, template, endOfText(), form);
    }

    /** A question by itself, as it is put to it. */
    public Prompts single(PromptForm form) {
        Cot asked = form.cot();
        Cot cot = asked != null
                ? asked
                : RunData.of(path).map(run -> run.config().cot()).orElse(Cot.PROSE);
        int end = tokenizer.endOfText().orElse(-1);
        return new Prompts(tokenizer, new ReftTemplate(cot), end, form);
    }

    public static Question question(String text) {
        return new Question("question", text, new Answer.Text(""), null);
    }

    /**
     * Answers questions with greedy decoding, and grades the answers.
     *
     * @param form the prompt form
     * @param grader grades the answers
     * @param maxTotalTokens longest prompt and answer together, in tokens
     * @param batch number of answers generated at once
     * @param progress gets the number of questions answered so far
     */
    public Evaluation answer(
            List<Question> questions,
            PromptTemplate template,
            PromptForm form,
            Grader grader,
            int maxTotalTokens,
            int batch,
            LongConsumer progress) {
        Prompts prompts = prompts(template, form);
        prompts.requireRoom("the greatest length of prompt and answer", maxTotalTokens);
        return Evaluator.greedy(decoder, prompts, questions, grader, maxTotalTokens, batch, progress);
    }

    /** Samples one completion of each question. */
    public List<String> write(
            List<Question> questions, PromptTemplate template, PromptForm form, SamplingConfig sampling, long seed) {
        Prompts prompts = prompts(template, form);
        List<Prompts.Start> starts = questions.stream()
                .map(Question::withoutRationale)
                .map(prompts::start)
                .toList();
        Asker.Keys keys = (question, _) -> Seeds.first(seed + question);
        return Asker.of(decoder, prompts, Math.max(1, starts.size()))
                .write(Asker.each(starts, 0, 1, keys), sampling)
                .stream()
                .map(Rollout::text)
                .toList();
    }

    @Override
    public void close() {
        tokenizer.close();
        decoder.close();
    }
}
