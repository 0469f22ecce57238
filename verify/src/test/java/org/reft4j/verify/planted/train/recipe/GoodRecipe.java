package org.reft4j.verify.planted.train.recipe;

/** Is what others lean on. */
class GoodRecipe implements Recipe {
    @Override
    public int run() {
        return 1;
    }
}
