package org.reft4j.server.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.server.ServerSettings;
import org.reft4j.server.TinyModel;

/** The pages in a browser: what scripts, styles and keys do there, which no look at HTML can tell. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BrowserTest {
    private static final String AXE = "/META-INF/resources/webjars/axe-core/4.6.3/axe.min.js";
    private static final String GROUP = "step=12&question=q%261";
    private static final List<String> PAGES = List.of(
            "/",
            "/jobs/first",
            "/jobs/first/rollouts",
            "/jobs/first/rollouts?from=x",
            "/jobs/first/rollout?" + GROUP + "&sample=0&colour=ADVANTAGE",
            "/jobs/first/group?" + GROUP,
            "/jobs/first/question?question=q%261",
            "/jobs/first/answers?step=12",
            "/compare?job=first&job=grid~second",
            "/data",
            "/graders",
            "/new",
            "/chat",
            "/jobs/none",
            "/sign-in");

    // The browser may still write into its profile while it ends.
    @TempDir(cleanup = CleanupMode.NEVER)
    private static Path folder = Path.of("");

    private static Fixture service;
    private static Browser browser;
    private static String axe = "";

    @BeforeAll
    static void open() throws IOException {
        assumeTrue(Browser.installed().isPresent(), "there is no Chromium on this machine");
        Path data = Files.createDirectories(folder.resolve("data"));
        Path model = TinyModel.make(folder.resolve("tiny"));
        Fixture.run(data.resolve("first"), 0.9);
        Fixture.run(data.resolve("grid").resolve("second"), 0.2);
        service = Fixture.serving(
                data,
                ServerSettings.DEFAULTS
                        .withPort(0)
                        .withModels(Map.of("tiny", model.toString()))
                        .withJobs(new ServerSettings.Training(1, 0, 5, 3, List.of("-Xmx512m"))));
        browser = Browser.start(Browser.installed().orElseThrow(), folder.resolve("profile"));
        try (InputStream in = Objects.requireNonNull(BrowserTest.class.getResourceAsStream(AXE))) {
            axe = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @AfterAll
    static void close() throws IOException {
        if (browser != null) {
            browser.close();
        }
        if (service != null) {
            service.close();
        }
        DurableFiles.deleteTree(folder);
    }

    /** Without errors, in both shades without anything that keeps people out, and on a telephone without scrolling sideways. */
    @Test
    @Order(1)
    void everyPageIsForEverybody() {
        List<String> faults = new ArrayList<>();
        for (String page : PAGES) {
            browser.size(1280, 900);
            browser.shade("light");
            browser.open(service.address(page));
            settled();
            faults.addAll(faults(page + " light"));
            browser.shade("dark");
            faults.addAll(violations(page + " dark", "{runOnly: ['color-contrast']}"));
            browser.size(390, 844);
            faults.addAll(told(page + " on a telephone"));
        }
        assertEquals(List.of(), faults);
    }

    /** Faults that the check above is to find, put into a page. */
    @Test
    @Order(2)
    void faultsAreFound() {
        browser.size(390, 844);
        browser.shade("light");
        browser.open(service.address("/"));
        settled();
        assertEquals(List.of(), faults("sound"));
        browser.eval("""
                (() => {
                  const add = (name, attributes, text) => { const made = document.createElement(name);
                    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
                    made.textContent = text; document.querySelector('main').append(made); };
                  add('p', {style: 'color: red'}, 'inline');
                  add('img', {src: '/assets/icon.svg'}, '');
                  add('p', {id: 'pale'}, 'hardly to be read');
                  document.getElementById('pale').style.color = '#bbbbbb';
                  add('pre', {id: 'wide'}, '');
                  document.getElementById('wide').style.width = '900px';
                  document.getElementById('wide').style.maxWidth = 'none';
                  console.error('wrong');
                })()""");
        String found = String.join("\n", faults("faulty"));
        for (String fault : List.of("security", "wrong", "image-alt", "pixels wider", "color-contrast")) {
            assertTrue(found.contains(fault), fault + " is not among " + found);
        }
    }

    private static void settled() {
        browser.await("!document.getElementById('charts') || document.documentElement.dataset.drawn");
        browser.await(
                "!document.querySelector('select[data-list]') || document.querySelector('select[data-list] option')");
    }

    private static List<String> faults(String page) {
        List<String> faults = told(page);
        faults.addAll(violations(page, "{}"));
        return faults;
    }

    /** Complaints of the browser, and what does not fit into its window. */
    private static List<String> told(String page) {
        List<String> faults = new ArrayList<>();
        // Answers that are refused are errors in a browser's eyes, not in ours.
        browser.complaints().stream()
                .filter(complaint -> !complaint.contains("status of 40"))
                .forEach(complaint -> faults.add(page + ": " + complaint));
        JsonNode wide = browser.eval("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        if (wide.asInt() > 0) {
            faults.add(page + ": " + wide.asInt() + " pixels wider than the window");
        }
        return faults;
    }

    /** @param options of axe */
    private static List<String> violations(String page, String options) {
        if (!browser.eval("Boolean(window.axe)").asBoolean()) {
            browser.eval(axe + "; true");
        }
        List<String> faults = new ArrayList<>();
        browser.eval("axe.run(" + options + ").then(found => found.violations.flatMap(each => each.nodes.map("
                        + "node => each.id + ' ' + node.html.slice(0, 160) + ' ' + (node.any[0]?.message ?? ''))))")
                .forEach(violation -> faults.add(page + ": " + violation.asText()));
        return faults;
    }

    @Test
    @Order(3)
    void keysLeadThroughPages() {
        browser.size(1280, 900);
        browser.open(service.address("/jobs/first/rollouts"));
        browser.press("/");
        assertEquals("text", browser.eval("document.activeElement.id").asText());
        browser.open(service.address("/jobs/first/rollouts"));
        browser.press("j");
        browser.press("j");
        browser.press("j");
        browser.press("k");
        String second = browser.eval("document.querySelectorAll('.rollouts tbody tr')[1].querySelector('a.open').href")
                .asText();
        assertEquals(second, browser.eval("document.activeElement.href").asText());
        assertTrue(browser.eval("getComputedStyle(document.activeElement).outlineStyle !== 'none'")
                .asBoolean());
        follow("Enter");
        assertEquals(second, browser.eval("location.href").asText());
        browser.eval("document.querySelector('.tokens').focus()");
        browser.press("ArrowRight");
        browser.press("ArrowRight");
        assertTrue(
                browser.eval("document.getElementById('token-facts').innerText")
                        .asText()
                        .endsWith("probability 0.050, advantage -1, value 0.100, log-ratio to the reference -2.800"),
                browser.eval("document.getElementById('token-facts').innerText").asText());
        follow("p");
        assertTrue(browser.eval("location.search").asText().contains("sample=0"));
        follow("n");
        assertTrue(browser.eval("location.search").asText().contains("sample=1"));
    }

    private static void follow(String key) {
        browser.leaving();
        browser.press(key);
        browser.loaded();
    }

    @Test
    @Order(4)
    void chartsLeadToRolloutsAndMoveByThemselves() throws IOException {
        Path live = folder.resolve("data").resolve("live");
        Fixture.run(live, 0.5, false);
        browser.open(service.address("/jobs/live"));
        String told = "document.querySelector('[data-chart=reward] .plot').getAttribute('aria-label')";
        browser.await(told + ".includes('at step 12')");
        browser.eval("window.same = true");
        Files.writeString(
                live.resolve("metrics.jsonl"),
                "{\"event\":\"step\",\"step\":13,\"reward\":0.75}\n{\"event\":\"warning\",\"step\":13,\"message\":\"look here\"}\n",
                StandardOpenOption.APPEND);
        browser.await(told + ".includes('0.750 at step 13')");
        browser.await("document.getElementById('event-list').innerText.includes('look here')");
        assertTrue(browser.eval("window.same").asBoolean(), "without loading the page again");
        browser.eval("document.querySelector('[data-chart=reward] .plot').focus()");
        browser.press("ArrowLeft");
        follow("Enter");
        assertEquals("?from=13&to=13", browser.eval("location.search").asText());
        DurableFiles.deleteTree(live);
    }

    /** A pair of a group becomes a file that preference training takes. */
    @Test
    @Order(5)
    void rolloutsBecomeData() {
        browser.open(service.address("/jobs/first/group?" + GROUP));
        click("form[data-collect=dpo] button");
        browser.await("document.getElementById('collected').innerText.includes('1 preference pairs')");
        browser.open(service.address("/jobs/first/rollout?" + GROUP + "&sample=1"));
        browser.eval("document.querySelector('[name=answer]').value = 'It is 42.'");
        click("form[data-collect=supervised] button");
        browser.await("document.getElementById('collected').innerText.includes('1 supervised rows')");
        browser.eval(
                "[...document.querySelectorAll('#collected button')].filter(each => each.textContent.startsWith('Store')).forEach(each => each.click())");
        browser.await("document.querySelectorAll('#collected a[href^=\"/data/\"]').length === 2");
        List<String> rows = new ArrayList<>();
        browser.eval("Promise.all([...document.querySelectorAll('#collected a[href^=\"/data/\"]')].map(link =>"
                        + " fetch(link.getAttribute('href') + '/rows').then(reply => reply.json())))")
                .forEach(file -> rows.add(file.path("rows").path(0).toString()));
        assertTrue(rows.getFirst().contains("\"content\":\"It is 42.\""), rows.getFirst());
        assertTrue(
                rows.getLast().contains("\"non_preferred_output\":[{\"role\":\"assistant\",\"content\":\"No idea.\"}]"),
                rows.getLast());
    }

    /** From nothing to an answer of a trained model, as somebody would who has read nothing. */
    @Test
    @Order(6)
    void aFirstJobIsMade() {
        browser.open(service.address("/new"));
        settled();
        click("#dry-run");
        browser.await("document.getElementById('dry-outcome').innerText.includes('Choose a training file first')");
        click("#examples");
        browser.await("document.getElementById('examples-state').innerText.includes('Both files')");
        for (String field :
                List.of("n_epochs=1", "batch_size=16", "compute_multiplier=0.25", "eval_interval=3", "suffix=first")) {
            String[] parts = field.split("=", -1);
            browser.eval("document.querySelector('[name=%s]').value = '%s'".formatted(parts[0], parts[1]));
        }
        browser.eval("document.querySelector('[name=reasoning_effort]').value = 'low'");
        click("#dry-run");
        browser.await("document.getElementById('plan')");
        String trial =
                browser.eval("document.getElementById('dry-outcome').innerText").asText();
        for (String said : List.of(
                "48 lines without a fault", "It pays 1 for right answers and 0 for nothing", "3 steps", "GiB")) {
            assertTrue(trial.contains(said), said + " is not in " + trial);
        }
        browser.leaving();
        click("#job-form button[type=submit]");
        browser.loaded();
        browser.await("location.pathname.startsWith('/jobs/ftjob-')");
        browser.await("document.querySelector('.state').innerText === 'done'");
        browser.await(
                "document.querySelector('[data-chart=reward] .plot').getAttribute('aria-label').includes('at step 3')");
        assertTrue(browser.eval("document.getElementById('event-list').innerText")
                .asText()
                .contains("The job has successfully completed"));
        String repeated = browser.eval(
                        "fetch('/new?like=' + location.pathname.split('/')[2]).then(reply => reply.text())")
                .asText();
        assertTrue(repeated.contains("&#34;compute_multiplier&#34; : 0.25"), repeated);
        browser.leaving();
        browser.await("document.querySelector('#checkpoint-list a[href^=\"/chat\"]')");
        click("#checkpoint-list a[href^=\"/chat\"]");
        browser.loaded();
        browser.await("document.querySelector('[name=first]').value.includes('ckpt-step-3')");
        assertEquals(
                "tiny",
                browser.eval("document.querySelector('[name=second]').value").asText());
        browser.await("document.querySelectorAll('#question option').length > 5");
        browser.eval("""
                (() => { const question = document.getElementById('question'); question.value = '0';
                  question.dispatchEvent(new Event('change')); document.querySelector('[name=max]').value = '8'; })()""");
        assertEquals(
                "{\"reference_answer\":\"20\"}",
                browser.eval("document.querySelector('[name=item]').value").asText());
        click("#chat-form button[type=submit]");
        browser.await("document.querySelectorAll('#chat-form ~ .columns article').length === 2"
                + " && document.getElementById('first-answers').innerText.includes('reward')"
                + " && document.getElementById('second-answers').innerText.includes('reward')");
        assertEquals(List.of(), browser.complaints());
    }

    private static void click(String selector) {
        browser.eval("document.querySelector('" + selector + "').click()");
    }
}
