package org.reft4j.server.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.server.access.Keys;
import org.reft4j.server.http.Caller;
import org.reft4j.server.store.Database;

class SignInTest {
    @TempDir
    private Path data;

    private String key = "";
    private String id = "";
    private Fixture service;

    @BeforeEach
    void serve() throws Exception {
        try (Database database = Database.sqlite(data.resolve("reft.db"))) {
            Keys.Created created = new Keys(database).create("default", "mine", Caller.Role.WRITE, Keys.Style.REFT);
            key = created.secret();
            id = created.key().id();
        }
        service = Fixture.over(data);
    }

    @AfterEach
    void close() {
        service.close();
    }

    @Test
    void withoutAKeyBrowsersAreSentToSignInAndProgramsRefused() throws Exception {
        HttpResponse<String> page = service.get("/jobs/first", "Accept", "text/html,*/*");
        assertEquals(303, page.statusCode());
        assertEquals("/sign-in", page.headers().firstValue("Location").orElse(""));
        assertEquals(401, service.get("/jobs/first/figures").statusCode());
        assertFalse(page.body().contains("grpo"));
    }

    @Test
    void aKeyOpensASession() throws Exception {
        String cookie = cookie(service.post("/sign-in", "key=" + key));
        assertEquals(200, service.get("/jobs/first", "Cookie", cookie).statusCode());
        assertEquals(
                200, service.get("/v1/files", "Cookie", "other=1; " + cookie).statusCode());
        try (Database database = Database.sqlite(data.resolve("reft.db"))) {
            assertTrue(new Keys(database).revoke(id));
        }
        assertEquals(401, service.get("/v1/files", "Cookie", cookie).statusCode());
    }

    @Test
    void aWrongKeyOpensNothing() throws Exception {
        HttpResponse<String> reply = service.post("/sign-in", "key=sk-reft-wrong");
        assertEquals(401, reply.statusCode());
        assertEquals("", reply.headers().firstValue("Set-Cookie").orElse(""));
        assertEquals(
                401,
                service.get("/v1/files", "Cookie", "reft-session=session-made-up")
                        .statusCode());
    }

    @Test
    void theLinkOfTheStartWorksOnce() throws Exception {
        String link =
                service.dashboard().getRawPath() + "?" + service.dashboard().getRawQuery();
        String cookie = cookie(service.get(link));
        assertEquals(200, service.get("/", "Cookie", cookie).statusCode());
        assertEquals(401, service.get(link).statusCode());
    }

    private static String cookie(HttpResponse<String> reply) {
        assertEquals(303, reply.statusCode());
        String cookie = reply.headers().firstValue("Set-Cookie").orElse("");
        assertTrue(cookie.contains("; HttpOnly; SameSite=Strict"), cookie);
        return cookie.substring(0, cookie.indexOf(';'));
    }
}
