package org.reft4j.server.page;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.reft4j.server.http.Reply;

/** Fills the templates of {@code src/main/jte}, which are classes: they escape whatever is put in. */
final class Templates {
    /** Everything comes from this server; nothing inline runs, and no other page may frame ours. */
    static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
            + " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private static final TemplateEngine ENGINE = engine();

    private Templates() {}

    private static TemplateEngine engine() {
        TemplateEngine engine = TemplateEngine.createPrecompiled(
                null, ContentType.Html, Templates.class.getClassLoader(), Templates.class.getPackageName());
        engine.setTrimControlStructures(true);
        return engine;
    }

    /**
     * A page.
     *
     * @param name of the template
     * @param model its parameter
     */
    static Reply page(int status, String name, Object model) {
        StringOutput html = new StringOutput();
        ENGINE.render(name + ".jte", model, html);
        return new Reply.Headed(
                Map.of(
                        "Content-Security-Policy", POLICY,
                        "Referrer-Policy", "same-origin",
                        "Cache-Control", "no-store"),
                new Reply.Bytes(
                        status, "text/html; charset=utf-8", html.toString().getBytes(StandardCharsets.UTF_8)));
    }
}
