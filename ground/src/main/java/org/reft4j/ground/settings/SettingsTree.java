package org.reft4j.ground.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * A YAML or JSON document as a tree, with the place of every key. Scalars follow YAML 1.2's core schema, so that {@code 3e-7} is a
 * number and {@code n} is a text.
 *
 * @param root the content of the document; empty for an empty one
 * @param source the name of the document in messages: the place of what it does not say
 * @param places the place of each key, such as {@code reft.yaml:12}, by key path ({@code ppo.kl})
 */
public record SettingsTree(ObjectNode root, String source, Map<String, String> places) {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]+");
    private static final Pattern DECIMAL = Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
    private static final int LONGEST_NUMBER = 40;
    private static final int DEEPEST = 20;

    public SettingsTree {
        places = Map.copyOf(places);
    }

    /** The place of a key, of the section around it, or else the document: then the value is a default. */
    public String place(String path) {
        for (String at = path; !at.isEmpty(); at = at.substring(0, Math.max(0, at.lastIndexOf('.')))) {
            String place = places.get(at);
            if (place != null) {
                return place;
            }
        }
        return source;
    }

    /** Another tree whose keys were given in the same places. */
    public SettingsTree with(ObjectNode other) {
        return new SettingsTree(other, source, places);
    }

    /**
     * Reads a file.
     *
     * @throws SettingException if it cannot be read, is not UTF-8, is not YAML, or has a key twice; the message names the line
     */
    public static SettingsTree read(Path file) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                    .toString();
        } catch (NoSuchFileException e) {
            throw new SettingException(file + ": there is no such file", e);
        } catch (CharacterCodingException e) {
            throw new SettingException(file + ": is not UTF-8 text; save it as UTF-8", e);
        } catch (IOException e) {
            throw new SettingException(
                    file + ": cannot be read: " + (Files.isDirectory(file) ? "it is a folder" : e.getMessage()), e);
        }
        return parse(text, file.toString());
    }

    /**
     * Reads a text.
     *
     * @param source name of the document in messages
     */
    public static SettingsTree parse(String text, String source) {
        Walk walk = new Walk(source, true);
        JsonNode root = walk.parse(text);
        if (root.isNull()) {
            return new SettingsTree(NODES.objectNode(), source, Map.of());
        }
        if (!(root instanceof ObjectNode object)) {
            throw fault(source + ":1: expected keys and values such as \"recipe: reft\"");
        }
        return new SettingsTree(object, source, walk.places);
    }

    /**
     * Reads one value, as it stands after {@code key=}: a list, a map or a quoted text if it begins like one, else a plain word, so that
     * paths may contain any characters.
     *
     * @param origin for messages
     */
    public static JsonNode value(String text, String origin) {
        String bare = text.strip();
        boolean structured = !bare.isEmpty() && "{[\"'".indexOf(bare.charAt(0)) >= 0;
        return structured ? new Walk(origin, false).parse(bare) : plain(bare);
    }

    private static JsonNode scalar(ScalarNode node) {
        return node.getScalarStyle() == ScalarStyle.PLAIN ? plain(node.getValue()) : NODES.textNode(node.getValue());
    }

    private static JsonNode plain(String text) {
        return switch (text) {
            case "", "~", "null", "Null", "NULL" -> NODES.nullNode();
            case "true", "True", "TRUE" -> NODES.booleanNode(true);
            case "false", "False", "FALSE" -> NODES.booleanNode(false);
            default -> {
                if (text.length() > LONGEST_NUMBER) {
                    yield NODES.textNode(text);
                }
                if (INTEGER.matcher(text).matches()) {
                    yield NODES.numberNode(new BigInteger(text.startsWith("+") ? text.substring(1) : text));
                }
                yield DECIMAL.matcher(text).matches() ? NODES.numberNode(new BigDecimal(text)) : NODES.textNode(text);
            }
        };
    }

    private static SettingException fault(String message) {
        return new SettingException(message, null);
    }

    /** One pass over the nodes of a document. */
    private static final class Walk {
        private final String source;
        private final boolean lines;
        private final Map<String, String> places = new HashMap<>();
        private final Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());

        Walk(String source, boolean lines) {
            this.source = source;
            this.lines = lines;
        }

        JsonNode parse(String text) {
            try {
                Node root = new Yaml(new LoaderOptions()).compose(new StringReader(text));
                return root == null ? NODES.nullNode() : convert(root, "", 0);
            } catch (MarkedYAMLException e) {
                throw new SettingException(at(e.getProblemMark()) + ": not valid YAML: " + e.getProblem(), e);
            } catch (YAMLException e) {
                throw new SettingException(source + ": not valid YAML: " + e.getMessage(), e);
            }
        }

        private JsonNode convert(Node node, String path, int depth) {
            if (!seen.add(node)) {
                throw fault(at(node.getStartMark()) + ": anchors and aliases are not supported; repeat the"
                        + " value at " + (path.isEmpty() ? "the top" : path));
            }
            if (depth > DEEPEST) {
                throw fault(at(node.getStartMark()) + ": nested more than " + DEEPEST + " deep");
            }
            return switch (node) {
                case ScalarNode scalar -> scalar(scalar);
                case SequenceNode sequence -> {
                    ArrayNode array = NODES.arrayNode();
                    sequence.getValue().forEach(item -> array.add(convert(item, path, depth + 1)));
                    yield array;
                }
                case MappingNode mapping -> object(mapping, path, depth);
                default -> throw fault(at(node.getStartMark()) + ": unexpected " + node.getTag());
            };
        }

        private ObjectNode object(MappingNode mapping, String path, int depth) {
            ObjectNode object = NODES.objectNode();
            for (NodeTuple tuple : mapping.getValue()) {
                String place = at(tuple.getKeyNode().getStartMark());
                if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                    throw fault(place + ": a key must be a word");
                }
                String keyPath = path.isEmpty() ? key.getValue() : path + "." + key.getValue();
                if (object.has(key.getValue())) {
                    throw fault(
                            place + ": " + keyPath + " is given twice, first at " + places.get(keyPath) + "; keep one");
                }
                places.put(keyPath, place);
                object.set(key.getValue(), convert(tuple.getValueNode(), keyPath, depth + 1));
            }
            return object;
        }

        private String at(Mark mark) {
            return lines && mark != null ? source + ":" + (mark.getLine() + 1) : source;
        }
    }
}
