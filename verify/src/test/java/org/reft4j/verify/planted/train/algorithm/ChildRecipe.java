package org.reft4j.verify.planted.train.algorithm;

/** Has a base class. */
final class ChildRecipe extends GoodRecipe {}
