package org.reft4j.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedDeque;

/** GET requests over connections that are kept open: cheap, so that the generator takes little of the cores that it shares with the server. */
final class QuickGets implements AutoCloseable {
    private static final int PATIENCE_MS = 60_000;

    private final int port;
    private final ConcurrentLinkedDeque<Line> idle = new ConcurrentLinkedDeque<>();

    QuickGets(int port) {
        this.port = port;
    }

    /** An open connection. */
    private record Line(Socket socket, InputStream in) {}

    /** The status of the answer, which is read to its end. */
    int status(String path) throws IOException {
        Line line = idle.pollLast();
        if (line == null) {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(PATIENCE_MS);
            line = new Line(socket, new BufferedInputStream(socket.getInputStream()));
        }
        try {
            line.socket()
                    .getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            int status = Integer.parseInt(head(line.in()).split(" ", 3)[1]);
            long length = 0;
            for (String field = head(line.in()); !field.isEmpty(); field = head(line.in())) {
                if (field.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                    length = Long.parseLong(
                            field.substring(field.indexOf(':') + 1).strip());
                }
            }
            line.in().skipNBytes(length);
            idle.addLast(line);
            return status;
        } catch (IOException | RuntimeException e) {
            line.socket().close();
            throw e;
        }
    }

    /** A line without its end. */
    private static String head(InputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int letter = in.read(); letter != '\n'; letter = in.read()) {
            if (letter < 0) {
                throw new IOException("the server closed the connection");
            }
            if (letter != '\r') {
                text.append((char) letter);
            }
        }
        return text.toString();
    }

    @Override
    public void close() throws IOException {
        for (Line line : idle) {
            line.socket().close();
        }
    }
}
