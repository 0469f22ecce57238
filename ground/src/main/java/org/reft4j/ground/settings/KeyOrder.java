package org.reft4j.ground.settings;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The order of a record's keys in files that are written, where it is not that of its components. It means nothing else. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface KeyOrder {
    /** Keys, separated by spaces; {@code *} stands for all others, in the order of their components. */
    String value();
}
