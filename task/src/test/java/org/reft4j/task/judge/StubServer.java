package org.reft4j.task.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.reft4j.task.graders.GraderObjects;

/** A server on this machine that answers as it is told, one answer after the other; the last one is repeated. */
public final class StubServer implements AutoCloseable {
    private final HttpServer server;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Deque<Answer> answers = new ArrayDeque<>(); // guarded by this
    private final List<Call> calls = new ArrayList<>(); // guarded by this

    public StubServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(
                Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory()));
        server.createContext("/", this::serve);
        server.start();
    }

    /** A request that the server got. */
    public record Call(String path, Headers headers, String body) {
        public JsonNode json() {
            return GraderObjects.json(body);
        }
    }

    /** Writes an answer. */
    @FunctionalInterface
    interface Answer {
        void to(HttpExchange exchange) throws IOException, InterruptedException;
    }

    public String url(String path) {
        return "http://localhost:" + server.getAddress().getPort() + path;
    }

    public synchronized List<Call> calls() {
        return List.copyOf(calls);
    }

    synchronized StubServer then(Answer answer) {
        answers.add(answer);
        return this;
    }

    public StubServer json(String body) {
        return reply(200, body.replace('\'', '"'));
    }

    public StubServer reply(int status, String body) {
        return reply(status, body.getBytes(StandardCharsets.UTF_8));
    }

    public StubServer reply(int status, byte[] body) {
        return then(exchange -> send(exchange, status, body));
    }

    public StubServer reply(int status, String header, String value) {
        return then(exchange -> {
            exchange.getResponseHeaders().set(header, value);
            send(exchange, status, new byte[0]);
        });
    }

    /** Says nothing until the server is closed. */
    public StubServer hang() {
        return then(_ -> closed.await());
    }

    /** Begins a reply and does not end it. */
    StubServer drip() {
        return then(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            closed.await();
        });
    }

    /** Replies with blanks until nobody takes them. */
    public StubServer flood() {
        return then(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] blanks = new byte[1 << 16];
            java.util.Arrays.fill(blanks, (byte) ' ');
            try (OutputStream body = exchange.getResponseBody()) {
                while (closed.getCount() > 0) {
                    body.write(blanks);
                }
            }
        });
    }

    private void serve(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Answer answer;
        synchronized (this) {
            calls.add(new Call(exchange.getRequestURI().getPath(), exchange.getRequestHeaders(), body));
            answer = answers.size() > 1 ? answers.remove() : answers.element();
        }
        try (exchange) {
            answer.to(exchange);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
    }
}
