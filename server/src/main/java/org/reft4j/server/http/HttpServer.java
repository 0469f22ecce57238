package org.reft4j.server.http;

import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP server: Jetty's core, with a virtual thread for each request. It listens from the start and tells everybody to wait until it is
 * given what to serve, so that opening tables does not delay it.
 */
public final class HttpServer implements AutoCloseable {
    private static final int THREADS = 16;
    /** Connections that the system has opened and the server has not taken yet. */
    private static final int WAITING = 4096;

    private static final int HEADER_BYTES = 16 << 10;

    /** Browsers that came by TLS once come by nothing else for so long. */
    private static final Duration ONLY_TLS = Duration.ofDays(365);

    private final Server server;
    private final ServerConnector connector;
    private final Exchanges exchanges;
    private final Optional<Tls> tls;

    private HttpServer(Server server, ServerConnector connector, Exchanges exchanges, Optional<Tls> tls) {
        this.server = server;
        this.connector = connector;
        this.exchanges = exchanges;
        this.tls = tls;
    }

    /** A certificate in use. */
    private static final class Tls {
        private final Certificate files;
        private final SslContextFactory.Server context = new SslContextFactory.Server();
        private volatile Certificate.Loaded loaded;
        private long changed;

        Tls(Certificate files) {
            this.files = files;
            this.changed = files.changed();
            this.loaded = files.read();
            set(context);
        }

        private void set(SslContextFactory factory) {
            factory.setKeyStore(loaded.store());
            factory.setKeyStorePassword(loaded.secret());
        }

        synchronized boolean renew() {
            long now = files.changed();
            if (now == changed) {
                return false;
            }
            changed = now;
            loaded = files.read();
            try {
                context.reload(this::set);
            } catch (Exception e) {
                throw new IllegalArgumentException("the new certificate cannot be used: " + e.getMessage(), e);
            }
            return true;
        }
    }

    /**
     * Begins to listen.
     *
     * @throws IllegalArgumentException if the certificate cannot be used
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
        Optional<Tls> tls = Optional.ofNullable(settings.certificate()).map(Tls::new);
        ServerConnector connector = connector(server, http, tls, settings);
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
        return new HttpServer(server, connector, exchanges, tls);
    }

    private static ServerConnector connector(
            Server server, HttpConfiguration http, Optional<Tls> tls, HttpSettings settings) {
        if (tls.isEmpty()) {
            return new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        }
        // Whatever name a client knows it by: it may be an address.
        SecureRequestCustomizer secure = new SecureRequestCustomizer(false);
        if (!settings.loopback()) {
            // Never for localhost, whose other ports are other people's.
            secure.setStsMaxAge(ONLY_TLS.toSeconds());
        }
        http.addCustomizer(secure);
        HttpConnectionFactory plain = new HttpConnectionFactory(http);
        return new ServerConnector(
                server, 1, 1, new SslConnectionFactory(tls.get().context, plain.getProtocol()), plain);
    }

    /**
     * Takes the certificate's files anew if they have changed.
     *
     * @return false if they have not
     * @throws IllegalArgumentException if they cannot be used; the certificate of before stays
     */
    public boolean renewCertificate() {
        return tls.isPresent() && tls.get().renew();
    }

    /** A sentence on what clients will say against the certificate; empty if nothing. */
    public Optional<String> remark() {
        @Nullable Tls now = tls.orElse(null);
        return now == null ? Optional.empty() : Certificate.remark(now.loaded.certificate());
    }

    /** True if it speaks TLS. */
    public boolean secure() {
        return tls.isPresent();
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
