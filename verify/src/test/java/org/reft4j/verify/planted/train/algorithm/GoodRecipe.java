package org.reft4j.verify.planted.train.algorithm;

/** Is what others lean on. */
class GoodRecipe implements Recipe {
    @Override
    public int run() {
        return 1;
    }
}
