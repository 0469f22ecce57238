package org.reft4j.task.dataset;

/** The kind of chain of thought that the model writes (ReFT, section 3): prose or a Python program. */
public enum Cot {
    /** N-CoT: prose that ends in {@code Therefore, the answer is: }. */
    PROSE,
    /** P-CoT: a function {@code solution()} that returns the answer. */
    PROGRAM;

    /** Name in configurations and files: {@code n} or {@code p}. */
    public String letter() {
        return this == PROGRAM ? "p" : "n";
    }
}
