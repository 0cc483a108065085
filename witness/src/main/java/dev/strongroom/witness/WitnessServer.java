package dev.strongroom.witness;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.strongroom.crypto.transparency.AddCheckpoint;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * C2SP tlog-witness over plain HTTP: {@code POST /add-checkpoint}, nothing else. Requests are
 * believed for their signatures, answers as well.
 *
 * <p>Thread-safe. The owner closes it.
 */
final class WitnessServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WitnessServer.class);
    private static final String PATH = "/add-checkpoint";
    private static final int BACKLOG = 64;

    static {
        // The JDK's server reads its limits once: whoever sends or reads slowly is cut off.
        System.setProperty("sun.net.httpserver.maxReqTime", "10"); // seconds
        System.setProperty("sun.net.httpserver.maxRspTime", "10");
        System.setProperty("sun.net.httpserver.maxIdleConnections", "64");
        System.setProperty("jdk.httpserver.maxConnections", "256");
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final HttpServer server;
    private final ExecutorService calls;

    private WitnessServer(HttpServer server, ExecutorService calls) {
        this.server = server;
        this.calls = calls;
    }

    static WitnessServer start(String host, int port, Witness witness) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(host, port), BACKLOG);
        ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
        server.setExecutor(calls);
        server.createContext("/", exchange -> handle(exchange, witness));
        server.start();
        return new WitnessServer(server, calls);
    }

    /** {@code host:port}. */
    String address() {
        return server.getAddress().getHostString() + ":" + server.getAddress().getPort();
    }

    private static void handle(HttpExchange exchange, Witness witness) throws IOException {
        try (exchange) {
            if (!exchange.getRequestURI().getPath().equals(PATH)) {
                reply(exchange, 404, "text/plain", "only " + PATH + " is served here\n");
            } else if (!exchange.getRequestMethod().equals("POST")) {
                reply(exchange, 405, "text/plain", "expected POST\n");
            } else {
                answer(exchange, witness);
            }
        }
    }

    private static void answer(HttpExchange exchange, Witness witness) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(AddCheckpoint.MAX_BYTES + 1);
        WitnessAnswer answer;
        try {
            answer = witness.answer(body);
        } catch (IOException | RuntimeException e) {
            LOG.error("witness.failed nothing was signed", e);
            reply(exchange, 500, "text/plain", "this witness cannot answer; ask its operator\n");
            return;
        }
        switch (answer) {
            case WitnessAnswer.Cosigned cosigned ->
                    reply(exchange, answer.status(), "text/plain", cosigned.line().text());
            case WitnessAnswer.Conflict conflict ->
                    reply(exchange, answer.status(), "text/x.tlog.size", conflict.size() + "\n");
            case WitnessAnswer.Malformed malformed ->
                    reply(exchange, answer.status(), "text/plain", malformed.why() + "\n");
            case WitnessAnswer.Unsigned _ ->
                    reply(exchange, answer.status(), "text/plain", "not signed by this log\n");
            case WitnessAnswer.UnknownLog _ ->
                    reply(exchange, answer.status(), "text/plain", "unknown log\n");
            case WitnessAnswer.Unproven _ ->
                    reply(exchange, answer.status(), "text/plain", "not consistent\n");
        }
    }

    private static void reply(HttpExchange exchange, int status, String type, String text)
            throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(1);
        calls.shutdownNow();
    }
}
