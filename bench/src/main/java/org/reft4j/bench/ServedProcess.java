package org.reft4j.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.reft4j.ground.files.Json;

/** A {@code reft serve} of its own process, with a caller and a look at its memory. */
final class ServedProcess implements AutoCloseable {
    private static final long READY_SECONDS = 60;
    private static final String BOUNDARY = "reft4jbench";
    private static final int OK = 200;

    private final Process process;
    private final int port;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(20))
            .build();

    private ServedProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts it and waits until it serves. */
    static ServedProcess start(Path data, List<String> options) throws IOException, InterruptedException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(options);
        command.addAll(
                List.of("org.reft4j.cli.Main", "serve", "--data", data.toString(), "--port", Integer.toString(port)));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(data.resolve("serve.log").toFile());
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        ServedProcess served = new ServedProcess(builder.start(), port);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
        while (!served.ready()) {
            if (!served.process.isAlive() || System.nanoTime() > end) {
                served.close();
                throw new IOException("the server does not start: " + Files.readString(data.resolve("serve.log")));
            }
            Thread.sleep(50);
        }
        return served;
    }

    private boolean ready() throws InterruptedException {
        try {
            return get("/healthz").statusCode() == OK;
        } catch (IOException _) {
            return false;
        }
    }

    int port() {
        return port;
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(at(path)).build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    private URI at(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    /** Sends JSON and returns a field of the answer. */
    String post(String path, String json, String field) throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(at(path))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(json))
                        .build(),
                HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        return field(answer, field);
    }

    /** Uploads what a stream gives, without holding it, and returns the file's id. */
    String upload(String name, InputStream content) throws IOException, InterruptedException {
        String head = "--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n--"
                + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name + "\"\r\n\r\n";
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(at("/v1/files"))
                        .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
                        .POST(HttpRequest.BodyPublishers.concat(
                                HttpRequest.BodyPublishers.ofString(head),
                                HttpRequest.BodyPublishers.ofInputStream(() -> content),
                                HttpRequest.BodyPublishers.ofString("\r\n--" + BOUNDARY + "--\r\n")))
                        .build(),
                HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        return field(answer, "id");
    }

    private static String field(HttpResponse<String> answer, String field) throws IOException {
        if (answer.statusCode() != OK) {
            throw new IOException(answer.request().uri() + " answered " + answer.statusCode() + ": " + answer.body());
        }
        return Json.PLAIN.readTree(answer.body()).path(field).asText();
    }

    /** Its resident memory in MiB; -1 where the system does not tell. */
    long residentMib() {
        try {
            return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                    .findFirst()
                    .orElse(-1);
        } catch (IOException _) {
            return -1;
        }
    }

    @Override
    public void close() throws IOException {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        children.forEach(ProcessHandle::destroyForcibly);
        client.shutdownNow(); // one that waits for a dead server would wait for ever
        client.close();
    }
}
