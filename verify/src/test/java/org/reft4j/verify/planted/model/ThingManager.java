package org.reft4j.verify.planted.model;

/** Is named by an empty word. */
public final class ThingManager {}
