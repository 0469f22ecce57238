package org.reft4j.task.generated;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A generated word problem.
 *
 * @param text as it is asked
 * @param skeleton the text with names, pronouns and things replaced by their part in the story, and the numbers kept:
 *     two questions of one skeleton are the same sum told of somebody else
 * @param start the first quantity
 * @param steps from there to the answer, at least one
 * @param mentioned every number that the text has
 */
record Story(String text, String skeleton, int start, List<Step> steps, List<Integer> mentioned) {

    /** A number with the name that a program gives it; blank for a number of the text. */
    record Operand(String name, int value) {
        String code() {
            return name.isEmpty() ? Integer.toString(value) : name;
        }
    }

    /**
     * @param variable that a program assigns, {@code result} in the last step
     * @param says the sentence of the prose, arithmetic included
     */
    record Step(String variable, Operand left, char operator, Operand right, String says) {
        int value() {
            return apply(left.value(), operator, right.value());
        }
    }

    static int apply(int left, char operator, int right) {
        return switch (operator) {
            case '+' -> left + right;
            case '-' -> left - right;
            case '*' -> left * right;
            default -> left / right;
        };
    }

    int answer() {
        return steps.getLast().value();
    }

    /** One short sentence per step. */
    String prose() {
        return String.join(" ", steps.stream().map(Step::says).toList());
    }

    /** A function {@code solution()}. */
    String program() {
        return assignments() + "    return result";
    }

    /** A function {@code solution()} that returns the letter of its result among the options. */
    String program(List<Integer> options) {
        return assignments() + "    return \"abcde\"[" + options + ".index(result)]";
    }

    private String assignments() {
        StringBuilder code = new StringBuilder("def solution():\n    start = " + start + "\n");
        for (Step step : steps) {
            code.append("    ").append(step.variable()).append(" = ");
            code.append(step.left().code()).append(' ').append(step.operator()).append(' ');
            code.append(step.right().code()).append('\n');
        }
        return code.toString();
    }

    /**
     * Wrong answers that a careless reader could give: the last step forgotten, or taken with another operation, or a
     * number of the text; then neighbours of the answer until there are enough.
     */
    List<Integer> mistakes(int count) {
        Step last = steps.getLast();
        Set<Integer> wrong = new LinkedHashSet<>();
        wrong.add(last.left().value());
        for (char operator : new char[] {'+', '-', '*'}) {
            wrong.add(Math.abs(apply(last.left().value(), operator, last.right().value())));
        }
        steps.forEach(step -> wrong.add(step.value()));
        wrong.addAll(new TreeSet<>(mentioned));
        for (int off = 1; wrong.size() < count + 2; off++) {
            wrong.add(answer() + off);
        }
        wrong.remove(answer());
        return wrong.stream().limit(count).toList();
    }
}
