/**
 * Jinja templates in plain Java: {@link org.reft4j.template.JinjaTemplate} is all that others use.
 *
 * <p>A template's text goes through {@code Lexer} (tokens), {@code Parser} and {@code TemplateExpressionParser} (a tree of {@code Statement} and
 * {@code TemplateExpression}) and {@code Interpreter} and {@code ExpressionEvaluator} (which walk the tree). {@code Value} is what an expression can be; what
 * filters, tests and methods do with one lies in {@code TextFilters}, {@code SequenceFilters}, {@code Predicates}, {@code TextMethods} and
 * {@code CollectionMethods}. {@code Budget} bounds what a rendering may cost.
 */
@NullMarked
package org.reft4j.template;

import org.jspecify.annotations.NullMarked;
