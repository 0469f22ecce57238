package org.reft4j.server.http;

import java.io.IOException;
import java.net.BindException;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The HTTP server: Jetty's core, with a virtual thread for each request. It listens from the start and tells everybody to wait until it is
 * given what to serve, so that opening tables does not delay it.
 */
public final class HttpServer implements AutoCloseable {
    private static final int THREADS = 16;
    /** Connections that the system has opened and the server has not taken yet. */
    private static final int WAITING = 4096;

    private static final int HEADER_BYTES = 16 << 10;

    private final Server server;
    private final ServerConnector connector;
    private final Exchanges exchanges;

    private HttpServer(Server server, ServerConnector connector, Exchanges exchanges) {
        this.server = server;
        this.connector = connector;
        this.exchanges = exchanges;
    }

    /**
     * Begins to listen.
     *
     * @throws BindException if the port is taken or the address is not of this machine
     */
    public static HttpServer open(HttpSettings settings, List<Dialect> dialects, RequestLog log) throws IOException {
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, 4);
        threads.setName("http");
        threads.setVirtualThreadsExecutor(VirtualThreads.getNamedVirtualThreadsExecutor("request-"));
        Server server = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(HEADER_BYTES);
        // Names of models have slashes; clients send them as %2F.
        http.setUriCompliance(UriCompliance.from("DEFAULT,AMBIGUOUS_PATH_SEPARATOR,AMBIGUOUS_PATH_ENCODING"));
        ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setHost(settings.host());
        connector.setPort(settings.port());
        // Of those that come at one instant the system keeps fifty otherwise, and the others try again after seconds.
        connector.setAcceptQueueSize(WAITING);
        connector.setIdleTimeout(settings.idle().toMillis());
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(settings.connections(), connector));
        Exchanges exchanges = new Exchanges(settings, dialects, log);
        server.setHandler(new GracefulHandler(exchanges));
        server.setErrorHandler(new JsonErrors());
        server.setStopTimeout(settings.end().toMillis());
        try {
            server.start();
        } catch (IOException e) {
            stop(server);
            throw e.getCause() instanceof BindException bind ? bind : e;
        } catch (Exception e) {
            stop(server);
            throw new IllegalStateException("the HTTP server does not start: " + e.getMessage(), e);
        }
        return new HttpServer(server, connector, exchanges);
    }

    /**
     * Begins to serve.
     *
     * @param groups handlers by their operation's id in the document
     * @throws IllegalArgumentException for a handler without an operation
     */
    public void serve(ApiDocument document, List<Map<String, Endpoint>> groups, Callers callers) {
        exchanges.serve(document.router(groups), callers);
    }

    /** The port that it listens at. */
    public int port() {
        return connector.getLocalPort();
    }

    /** Takes no more requests, lets those under way come to their end for a while, and ends streams. */
    @Override
    public void close() {
        exchanges.end();
        stop(server);
    }

    private static void stop(Server server) {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the HTTP server does not end: " + e.getMessage(), e);
        }
    }
}
