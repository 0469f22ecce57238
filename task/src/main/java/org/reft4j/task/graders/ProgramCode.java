package org.reft4j.task.graders;

import org.reft4j.sandbox.ProgramRunner;

/** The text of model-written programs. */
public final class ProgramCode {
    private ProgramCode() {}

    /**
     * Program of a completion as the reference code runs it: {@code sys.exit} becomes {@code print}, and the program ends at its first
     * blank line. The modules {@code math} and {@code sympy}, which the reference imports in front, are names of the runner
     * instead, so that a program's line numbers stay its own.
     *
     * <p>Source: mwp_ReFT {@code src/python_engine.py}, {@code process_code}.
     *
     * @param completion the text after the last reasoning trigger, stripped
     * @return the program to hand to {@link ProgramRunner#run}; empty if the first line is blank
     */
    public static String clean(String completion) {
        String text = completion.replace("sys.exit", "print");
        int start = 0;
        while (start <= text.length()) {
            int newline = text.indexOf('\n', start);
            int end = newline < 0 ? text.length() : newline;
            if (text.substring(start, end).codePoints().allMatch(ProgramCode::isPythonSpace)) {
                return text.substring(0, Math.max(0, start - 1));
            }
            start = end + 1;
        }
        return text;
    }

    /** White space of Python's {@code str.isspace}: Java's white space, the non-breaking spaces and U+0085. */
    private static boolean isPythonSpace(int codePoint) {
        return Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint) || codePoint == 0x85;
    }
}
