package org.reft4j.verify;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.EvaluationResult;

/**
 * One architecture rule.
 *
 * @param name short, for the test report
 * @param planted the simple name of a class that breaks it, from {@code org.reft4j.verify.planted}
 * @param rule with its reason
 */
record Rule(String name, String planted, ArchRule rule) {
    EvaluationResult over(JavaClasses classes) {
        return rule.evaluate(classes);
    }

    @Override
    public String toString() {
        return name;
    }
}
