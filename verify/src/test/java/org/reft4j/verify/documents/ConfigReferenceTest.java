package org.reft4j.verify.documents;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ConfigReferenceTest {
    @Test
    void thePageIsFresh() throws IOException {
        new Document("docs/reference/config.md").mustBe(ConfigReference.page());
    }

    @Test
    void everySourceOfARowIsFound() throws IOException {
        String page = ConfigReference.page();
        assertRow(
                page, "| `ppo.clip` | `0.2` | a number in (0, 1) | The ratio is clipped to the range from `1 - clip`");
        assertRow(
                page,
                "| `steps` | **required** | a positive number | Number of training steps; each samples one batch of rollouts |");
        assertRow(
                page,
                "| `model.new.heads` | required with `model.new` | a positive number | Number of attention heads; must divide the width |");
        assertRow(page, "| `optimizer.learning-rate` | `3e-7` |");
        assertRow(page, "| `data.cot` | `p` | `p` or `n` |");
    }

    private static void assertRow(String page, String row) {
        assertTrue(page.contains("\n" + row), "no row " + row + " in\n" + page);
    }
}
