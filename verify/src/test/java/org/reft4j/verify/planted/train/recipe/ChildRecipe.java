package org.reft4j.verify.planted.train.recipe;

/** Has a base class. */
final class ChildRecipe extends GoodRecipe {}
