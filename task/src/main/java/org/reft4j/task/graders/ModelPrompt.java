package org.reft4j.task.graders;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.reft4j.task.grade.GraderException;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.Template;
import org.reft4j.task.judge.ChatModel;

/** The {@code input} of a grader that asks a model: messages with templates in them. */
final class ModelPrompt {
    private static final List<String> ROLES = List.of("system", "developer", "user", "assistant");
    private static final List<String> TEXTS = List.of("input_text", "output_text", "text");

    private final List<Turn> turns;

    private ModelPrompt(List<Turn> turns) {
        this.turns = turns;
    }

    /** A message; its blocks of text are joined by empty lines. */
    private record Turn(String role, List<Template> blocks) {}

    static ModelPrompt read(GraderFields fields) {
        JsonNode input = fields.required("input");
        if (!input.isArray() || input.isEmpty()) {
            throw fields.fault(
                    "input",
                    "is " + GraderFields.shown(input),
                    "expected a list of messages such as {\"role\": \"user\", \"content\": \"...\"}");
        }
        List<Turn> turns = new ArrayList<>();
        for (int i = 0; i < input.size(); i++) {
            if (!(input.get(i) instanceof ObjectNode message)) {
                throw fields.fault(
                        "input", "holds " + GraderFields.shown(input.get(i)), "expected objects with role and content");
            }
            turns.add(turn(fields.part(message, fields.place() + ".input[" + i + "]")));
        }
        return new ModelPrompt(List.copyOf(turns));
    }

    private static Turn turn(GraderFields message) {
        if (message.value("type").isPresent()) {
            message.word("type", List.of("message"));
        }
        String role = message.word("role", ROLES);
        List<Template> blocks = new ArrayList<>();
        JsonNode content = message.required("content");
        String place = message.place() + ".content";
        if (content instanceof ArrayNode list && !list.isEmpty()) {
            for (int i = 0; i < list.size(); i++) {
                blocks.add(block(list.get(i), place + "[" + i + "]", message));
            }
        } else {
            blocks.add(block(content, place, message));
        }
        message.requireNothingElse();
        // Few models but OpenAI's know of developers.
        return new Turn(role.equals("developer") ? "system" : role, List.copyOf(blocks));
    }

    private static Template block(JsonNode content, String place, GraderFields message) {
        if (content.isTextual()) {
            return message.templateOf(content.textValue(), place);
        }
        if (!(content instanceof ObjectNode object)) {
            throw new GraderException(place + " is " + GraderFields.shown(content)
                    + "; expected a text, an object with type and text, or a list of these");
        }
        GraderFields fields = message.part(object, place);
        String type = fields.text("type");
        if (!TEXTS.contains(type)) {
            throw fields.fault(
                    "type",
                    "is \"" + type + "\"",
                    "expected input_text or output_text: graders see texts only, no images, no audio and no files");
        }
        Template text = fields.template("text");
        fields.requireNothingElse();
        return text;
    }

    /** @throws Template.MissingVariableException if the item or the sample lacks what a template names */
    List<ChatModel.Message> fill(Template.Values values) {
        List<ChatModel.Message> messages = new ArrayList<>();
        for (Turn turn : turns) {
            List<String> texts = new ArrayList<>();
            turn.blocks.forEach(block -> texts.add(block.fill(values)));
            messages.add(new ChatModel.Message(turn.role, String.join("\n\n", texts)));
        }
        return messages;
    }
}
