/**
 * Measures of how alike two texts are, as translation and summarization are judged by: {@link org.reft4j.task.similarity.Bleu},
 * {@link org.reft4j.task.similarity.Gleu}, {@link org.reft4j.task.similarity.Rouge}, {@link org.reft4j.task.similarity.Meteor}. Each
 * is one static method on two texts; open {@link org.reft4j.task.similarity.Bleu} first.
 */
@NullMarked
package org.reft4j.task.similarity;

import org.jspecify.annotations.NullMarked;
