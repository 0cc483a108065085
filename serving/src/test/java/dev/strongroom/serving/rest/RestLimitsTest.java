package dev.strongroom.serving.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.serving.access.ConnectionLimits;
import dev.strongroom.serving.access.LiveIdentity;
import dev.strongroom.serving.access.TestAuthority;
import dev.strongroom.serving.access.TestAuthority.Issued;
import dev.strongroom.serving.engine.OnnxModel;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.ServingLimits;
import dev.strongroom.serving.infer.TestLimits;
import dev.strongroom.testkit.Eventually;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a peer can hold on to over HTTP, and for how long. */
@Timeout(120)
class RestLimitsTest {
    private static final String INFER = "/v2/models/acme/net/infer";
    private static final String ONE =
            "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"UINT8\",\"shape\":[1],\"data\":[7]}]}";
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration STRANGERS_TIME = Duration.ofSeconds(5);
    private static final int BYTES = 1 << 16;

    @TempDir private Path scratch;
    private Optional<BothServers> node = Optional.empty();

    @AfterEach
    void stop() {
        node.ifPresent(each -> {
            each.gate.release(); // of whoever still waits
            each.close();
        });
    }

    @Test
    void cutsOffWhoSendsHeadersWithoutEnd() throws Exception {
        serve(new ConnectionLimits(Duration.ofSeconds(1), LONG, LONG, 100, _ -> true));
        try (Socket socket = node().socket(consumer())) {
            socket.getOutputStream().write("GET /v2 HTTP/1.1\r\n".getBytes(StandardCharsets.UTF_8));
            boolean open = true;
            while (open) {
                try {
                    socket.getOutputStream().write("a: b\r\n".getBytes(StandardCharsets.UTF_8));
                    socket.setSoTimeout(100);
                    open = socket.getInputStream().read() >= 0;
                } catch (SocketTimeoutException waiting) {
                    open = true;
                } catch (IOException closed) {
                    open = false;
                }
            }
        }
    }

    @Test
    void closesAConnectionThatIsTooOldWithItsAnswer() throws Exception {
        serve(new ConnectionLimits(LONG, Duration.ofSeconds(1), LONG, 100, _ -> true));
        node().gate.acquire();
        try (Socket socket = node().socket(consumer())) {
            String head = "POST " + INFER + " HTTP/1.1\r\nhost: n\r\ncontent-length: ";
            String body = head + ONE.length() + "\r\n\r\n" + ONE;
            socket.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
            try (Socket later = node().socket(consumer())) {
                assertThat(isClosed(later)).as("for its age").isTrue();
            }
            node().gate.release();
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 200").contains("connection: close", "[7]");
        }
    }

    @Test
    void aCallersDeadlineEndsHisWaiting() throws Exception {
        serve(ConnectionLimits.of(OutputPolicy.standard()));
        node().gate.acquire();
        HttpResponse<String> answer =
                client().send(
                                infer().header("Request-Timeout", "0.2").build(),
                                BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(504);
        assertThat(answer.body()).contains("DEADLINE_EXCEEDED");
        HttpResponse<String> odd =
                client().send(
                                infer().header("Request-Timeout", "soon").build(),
                                BodyHandlers.ofString());
        assertThat(odd.statusCode()).isEqualTo(400);
    }

    @Test
    void callsOverOneMoreThanThereIsRoomForAreRefused() throws Exception {
        serve(ConnectionLimits.of(OutputPolicy.standard()));
        node().gate.acquire();
        List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
        HttpClient client = client();
        for (int i = 0; i < 60; i++) {
            waiting.add(client.sendAsync(infer().build(), BodyHandlers.ofString()));
        }
        var first =
                (HttpResponse<?>)
                        CompletableFuture.anyOf(waiting.toArray(CompletableFuture[]::new))
                                .get(30, TimeUnit.SECONDS);
        assertThat(first.statusCode()).isEqualTo(429);
        assertThat(first.headers().firstValue("retry-after")).isPresent();
        node().gate.release();
        int answered = 0;
        for (CompletableFuture<HttpResponse<String>> each : waiting) {
            answered += each.get(30, TimeUnit.SECONDS).statusCode() == 200 ? 1 : 0;
        }
        assertThat(answered).isPositive();
        assertThat(client.send(infer().build(), BodyHandlers.ofString()).statusCode())
                .isEqualTo(200);
    }

    @Test
    void bodiesTogetherTakeNoMoreMemoryThanIsAllowed() throws Exception {
        serve(ConnectionLimits.of(OutputPolicy.standard()));
        String head = "POST " + INFER + " HTTP/1.1\r\nhost: n\r\ncontent-length: " + BYTES;
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                Socket socket = node().socket(consumer());
                slow.add(socket);
                socket.getOutputStream()
                        .write((head + "\r\n\r\n{").getBytes(StandardCharsets.UTF_8));
            }
            HttpResponse<String> refused =
                    Eventually.first(
                            () ->
                                    client().send(
                                                    infer().header("Request-Timeout", "1").build(),
                                                    BodyHandlers.ofString()),
                            answer -> answer.statusCode() == 429);
            assertThat(refused.body()).contains("requests are in memory here");
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
        Eventually.holds(() -> status(infer()) == 200);
    }

    @Test
    void connectionsThatAreNeverSecuredAreCountedAndClosedAndKeepNoCallerOut() throws Exception {
        serve(
                new ConnectionLimits(STRANGERS_TIME, LONG, LONG, 100, _ -> true),
                Guard.OPEN,
                6); // 3 strangers
        HttpClient caller = client();
        List<Socket> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                silent.add(new Socket(InetAddress.getLoopbackAddress(), node().rest().port()));
            }
            long connected = System.nanoTime();
            for (Socket each : silent) {
                each.setSoTimeout(100);
            }
            Eventually.holds(() -> silent.stream().anyMatch(RestLimitsTest::isClosed));
            assertThat(Duration.ofNanos(System.nanoTime() - connected))
                    .as("one too many, before the others' time is over")
                    .isLessThan(STRANGERS_TIME.dividedBy(2));
            for (Socket each : silent) {
                each.setSoTimeout(30_000);
                assertThat(isClosed(each)).as("its time is over").isTrue();
            }
            assertThat(caller.send(infer().build(), BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);
        } finally {
            for (Socket each : silent) {
                each.close();
            }
        }
    }

    @Test
    void aKnownCallersConnectionOutlivesAStrangersTimeOverBothTransports() throws Exception {
        serve(new ConnectionLimits(Duration.ofSeconds(1), LONG, LONG, 100, _ -> true));
        node().gate.acquire();
        var overHttp = client().sendAsync(infer().build(), BodyHandlers.ofString());
        var overGrpc = node().future(consumer()).modelInfer(one());
        CompletableFuture.delayedExecutor(2500, TimeUnit.MILLISECONDS)
                .execute(() -> node().gate.release());
        assertThat(overHttp.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        assertThat(overGrpc.get(30, TimeUnit.SECONDS).getRawOutputContents(0).size()).isEqualTo(1);
    }

    private static ModelInferRequest one() {
        var request = ModelInferRequest.newBuilder().setModelName(BothServers.MODEL);
        request.addInputsBuilder().setName("x").setDatatype("UINT8").addShape(1);
        return request.addRawInputContents(ByteString.copyFrom(new byte[] {7})).build();
    }

    @Test
    void whoShowsNoCertificateIsToldSoAndHisConnectionEnds() throws Exception {
        serve(new ConnectionLimits(Duration.ofSeconds(1), LONG, LONG, 100, _ -> true));
        SSLContext anonymous = node().tls(Optional.empty());
        int port = node().rest().port();
        try (Socket socket = anonymous.getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.setSoTimeout(30_000);
            byte[] request = "GET /v2 HTTP/1.1\r\nhost: n\r\n\r\n".getBytes(StandardCharsets.UTF_8);
            socket.getOutputStream().write(request);
            String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(all).startsWith("HTTP/1.1 401").contains("CERTIFICATE_REQUIRED");
        }
    }

    @Test
    void whatWaitsForAReaderIsInTheBooksAlthoughItsCallerHasGone() throws Exception {
        var admitted = new AtomicInteger();
        var busy = new Semaphore(0);
        serve(
                ConnectionLimits.of(OutputPolicy.standard()),
                new GuardBefore(() -> {
                    admitted.incrementAndGet();
                    busy.acquireUninterruptibly();
                }));
        List<CompletableFuture<HttpResponse<String>>> first = new ArrayList<>();
        HttpClient readers = client(node().ca.client("acme", "owner"));
        for (int i = 0; i < 2; i++) {
            first.add(readers.sendAsync(large().build(), BodyHandlers.ofString()));
        }
        Eventually.holds(() -> admitted.get() == 2); // and no reader is left
        for (int i = 0; i < 4; i++) {
            var late = large().header("Request-Timeout", "0.3").build();
            assertThat(client().send(late, BodyHandlers.ofString()).statusCode()).isEqualTo(504);
        }
        HttpResponse<String> more = client().send(large().build(), BodyHandlers.ofString());
        assertThat(more.statusCode()).isEqualTo(429);
        assertThat(more.body()).contains("requests are in memory here");

        busy.release(100);
        for (CompletableFuture<HttpResponse<String>> each : first) {
            assertThat(each.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        }
        Eventually.holds(() -> status(large()) == 200);
        assertThat(admitted).as("nobody reads for who has gone").hasValue(3);
    }

    private int status(HttpRequest.Builder request) throws Exception {
        return client().send(request.build(), BodyHandlers.ofString()).statusCode();
    }

    /** Waits as long as the socket does. */
    private static boolean isClosed(Socket socket) {
        try {
            return socket.getInputStream().read() == -1;
        } catch (SocketTimeoutException open) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    /** Of which one identity may have four in memory, and which is not read by the event loop. */
    private HttpRequest.Builder large() {
        return node().request(INFER).POST(BodyPublishers.ofString(ONE + " ".repeat(60_000)));
    }

    @Test
    void anAnswerUnderWayArrivesAlthoughTheServerCloses() throws Exception {
        serve(ConnectionLimits.of(OutputPolicy.standard()));
        node().gate.acquire();
        var answer = client().sendAsync(infer().build(), BodyHandlers.ofString());
        Eventually.holds(node().gate::hasQueuedThreads);
        CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS).execute(() -> node().gate.release());
        node().rest().close();
        assertThat(answer.get(30, TimeUnit.SECONDS).body()).contains("[7]");
    }

    @Test
    void believesTheCasOfTheMoment() throws Exception {
        var former = new TestAuthority();
        var next = new TestAuthority();
        Issued server = former.server();
        var identity = new LiveIdentity(server.key(), server.chain());
        var trust = new LiveTrust(identity);
        assertThat(trust.believed(chain(former))).isPresent();
        assertThat(trust.believed(chain(next))).isEmpty();
        identity.present(List.of(server.chain().getFirst(), next.certificate()));
        assertThat(trust.believed(chain(former))).as("also of a resumed session").isEmpty();
        assertThat(trust.believed(chain(next))).isPresent();
        assertThat(trust.getAcceptedIssuers()).containsExactly(next.certificate());
    }

    private static X509Certificate[] chain(TestAuthority authority) {
        return authority.client("acme", "consumer").chain().toArray(X509Certificate[]::new);
    }

    private void serve(ConnectionLimits connections) throws Exception {
        serve(connections, Guard.OPEN);
    }

    private void serve(ConnectionLimits connections, Guard guard) throws Exception {
        serve(connections, guard, 256);
    }

    private void serve(ConnectionLimits connections, Guard guard, int perAddress) throws Exception {
        node =
                Optional.of(
                        new BothServers(
                                OnnxModel.echo(),
                                scratch,
                                guard,
                                TestLimits.connectionsPerAddress(
                                        ServingLimits.of(BYTES, 2, 8), perAddress),
                                connections));
    }

    private BothServers node() {
        return node.orElseThrow();
    }

    private Issued consumer() {
        return node().ca.client("acme", "consumer");
    }

    private HttpClient client() throws Exception {
        return client(consumer());
    }

    private HttpClient client(Issued id) throws Exception {
        return node().http(Optional.of(id));
    }

    private HttpRequest.Builder infer() {
        return node().request(INFER).POST(BodyPublishers.ofString(ONE));
    }
}
