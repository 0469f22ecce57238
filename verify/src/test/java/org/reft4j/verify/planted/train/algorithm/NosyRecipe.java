package org.reft4j.verify.planted.train.algorithm;

import org.reft4j.verify.planted.train.run.CyclicRun;

/** Uses another recipe, and a run that uses recipes. */
final class NosyRecipe implements Recipe {
    @Override
    public int run() {
        return new GoodRecipe().run() + new CyclicRun().steps();
    }
}
