package org.reft4j.server;

import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;

/** The copy of a PostgreSQL database, by its own program. */
final class PostgresDump {
    private PostgresDump() {}

    /**
     * Writes it, if the program is there.
     *
     * @param url as settings have it, {@code jdbc:postgresql://host/name?user=…}
     * @return a sentence for the operator where the database has still to be copied
     */
    static Optional<String> write(String url, Path file) throws IOException {
        URI address = URI.create(url.substring("jdbc:".length()));
        Path log = Files.createTempFile("pg_dump", ".log");
        try {
            ProcessBuilder dump = new ProcessBuilder(
                            "pg_dump",
                            "--format=custom",
                            "--no-owner",
                            "--no-password",
                            "--file=" + file,
                            "--dbname=" + name(address))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            if (address.getHost() != null) {
                dump.environment().put("PGHOST", address.getHost());
            }
            if (address.getPort() > 0) {
                dump.environment().put("PGPORT", Integer.toString(address.getPort()));
            }
            // Not as arguments, which everybody on the machine can read.
            parameter(address, "user").ifPresent(user -> dump.environment().put("PGUSER", user));
            parameter(address, "password").ifPresent(word -> dump.environment().put("PGPASSWORD", word));
            parameter(address, "sslmode").ifPresent(mode -> dump.environment().put("PGSSLMODE", mode));
            int status = dump.start().waitFor();
            if (status != 0) {
                throw new IOException("pg_dump ended with status " + status + ": "
                        + Files.readString(log).strip().lines().collect(Collectors.joining(" ")));
            }
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while pg_dump ran", e);
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).startsWith("Cannot run program")) {
                return Optional.of("pg_dump is not on this machine, so that the copy has the files alone: install"
                        + " PostgreSQL's client programs and make another, or stop the server, copy the database, and make"
                        + " another before it starts again");
            }
            throw e;
        } finally {
            Files.deleteIfExists(log);
        }
    }

    private static String name(URI address) {
        String path = String.valueOf(address.getPath());
        return path.startsWith("/") ? path.substring(1) : path;
    }

    private static Optional<String> parameter(URI address, String name) {
        String query = address.getRawQuery();
        if (query == null) {
            return Optional.empty();
        }
        for (String each : query.split("&", -1)) {
            if (each.startsWith(name + "=")) {
                return Optional.of(URLDecoder.decode(each.substring(name.length() + 1), StandardCharsets.UTF_8));
            }
        }
        return Optional.empty();
    }
}
