package org.reft4j.task.dataset;

/**
 * Anybody's own data: {@code question, answer} and, where known, {@code rationale} and {@code id}. An answer that
 * Python's {@code float} accepts, commas aside, is compared as a number, any other one as text.
 */
final class PlainRows implements RowFormat {
    @Override
    public String title() {
        return "plain rows (question, answer, rationale)";
    }

    @Override
    public boolean fits(Row first) {
        return first.has("question");
    }

    @Override
    public String dataset(Row first) {
        return "jsonl";
    }

    @Override
    public Question question(Row row, String dataset) {
        return new Question(
                row.idOr(dataset),
                row.text("question"),
                Answers.plain(row.scalar("answer")),
                row.optionalText("rationale"));
    }
}
