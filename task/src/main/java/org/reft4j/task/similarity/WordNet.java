package org.reft4j.task.similarity;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.reft4j.task.grade.GraderException;

/**
 * Synonyms from the dictionary files of Princeton's WordNet 3 (wndb(5WN): {@code index.noun}, {@code data.noun}, {@code noun.exc} and so
 * on), as NLTK's {@code wordnet.synsets} finds them: for each part of speech the word and its base forms (morphy(7WN)), and of these all
 * senses. Thread-safe; the files are held in memory, about 40 MB.
 */
public final class WordNet {
    /** One character a byte, so that the places which the index gives in bytes are places in the text. */
    private static final Charset BYTES = StandardCharsets.ISO_8859_1;

    private final List<PartOfSpeech> parts;
    private final Map<String, Set<String>> known = new ConcurrentHashMap<>();

    private WordNet(List<PartOfSpeech> parts) {
        this.parts = parts;
    }

    /** The files of a part of speech; and the endings that morphy takes off its words, with what it puts in their place. */
    private enum Speech {
        NOUN("s> ses>s ves>f xes>x zes>z ches>ch shes>sh men>man ies>y"),
        VERB("s> ies>y es>e es> ed>e ed> ing>e ing>"),
        ADJ("er> est> er>e est>e"),
        ADV("");

        private final String endings;

        Speech(String endings) {
            this.endings = endings;
        }

        String file() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Words that the word may be a regular form of. */
        List<String> bases(String word) {
            List<String> bases = new ArrayList<>();
            for (String ending : endings.split(" ", -1)) {
                int arrow = ending.indexOf('>');
                if (arrow > 0 && word.endsWith(ending.substring(0, arrow))) {
                    bases.add(word.substring(0, word.length() - arrow) + ending.substring(arrow + 1));
                }
            }
            return bases;
        }
    }

    /**
     * @param senses by base form, the places of its synonym sets in the data
     * @param exceptions base forms of irregular forms
     * @param data the file with the synonym sets, of which places count bytes
     */
    private record PartOfSpeech(
            Speech speech, Map<String, int[]> senses, Map<String, List<String>> exceptions, String data) {

        static PartOfSpeech read(Path folder, Speech speech) throws IOException {
            Map<String, int[]> senses = new HashMap<>();
            for (String line : lines(folder.resolve("index." + speech.file()))) {
                if (!line.startsWith(" ")) { // the licence, in front
                    String[] fields = line.strip().split(" ", -1);
                    int[] places = new int[Integer.parseInt(fields[2])];
                    for (int i = 0; i < places.length; i++) {
                        places[i] = Integer.parseInt(fields[fields.length - places.length + i]);
                    }
                    senses.put(fields[0], places);
                }
            }
            Map<String, List<String>> exceptions = new HashMap<>();
            for (String line : lines(folder.resolve(speech.file() + ".exc"))) {
                List<String> forms = List.of(line.strip().split(" ", -1));
                exceptions.put(forms.getFirst(), forms.subList(1, forms.size()));
            }
            return new PartOfSpeech(
                    speech, senses, exceptions, Files.readString(folder.resolve("data." + speech.file()), BYTES));
        }

        private static List<String> lines(Path file) throws IOException {
            return Files.readAllLines(file, BYTES);
        }

        /** The word itself and its base forms, as far as they are in the index. */
        Set<String> forms(String word) {
            List<String> irregular = exceptions.get(word);
            List<String> forms = new ArrayList<>(List.of(word));
            forms.addAll(irregular == null ? speech.bases(word) : irregular);
            forms.retainAll(senses.keySet());
            return new LinkedHashSet<>(forms);
        }

        /** The words of the synonym set at a place: {@code offset file type count word id word id …}, the count in hexadecimal. */
        List<String> words(int place) {
            String[] fields = data.substring(place, data.indexOf('|', place)).split(" ", -1);
            int count = Integer.parseInt(fields[3], 16);
            List<String> words = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String word = fields[4 + 2 * i];
                int marker = word.indexOf('('); // of an adjective: where it stands
                words.add(marker > 0 ? word.substring(0, marker) : word);
            }
            return words;
        }
    }

    /**
     * Reads a dictionary.
     *
     * @throws GraderException naming the file that is missing or is none of a dictionary
     */
    public static WordNet read(Path folder) {
        List<PartOfSpeech> parts = new ArrayList<>();
        for (Speech speech : Speech.values()) {
            try {
                parts.add(PartOfSpeech.read(folder, speech));
            } catch (IOException
                    | NumberFormatException
                    | ArrayIndexOutOfBoundsException
                    | NegativeArraySizeException e) {
                throw new GraderException("no WordNet dictionary in " + folder + ": " + speech.file() + " files: "
                        + e.getMessage()
                        + "; expected index.noun, data.noun, noun.exc and the same of verb, adj and adv,"
                        + " as in WordNet 3's dict folder");
            }
        }
        return new WordNet(parts);
    }

    /** The words of one word each that share a sense with this one, and the word itself. */
    public Set<String> synonyms(String word) {
        return known.computeIfAbsent(word, this::find);
    }

    private Set<String> find(String word) {
        Set<String> found = new TreeSet<>(Set.of(word));
        for (PartOfSpeech part : parts) {
            for (String form : part.forms(word)) {
                for (int place : part.senses().getOrDefault(form, new int[0])) {
                    part.words(place).stream()
                            .filter(other -> !other.contains("_"))
                            .forEach(found::add);
                }
            }
        }
        return found;
    }
}
