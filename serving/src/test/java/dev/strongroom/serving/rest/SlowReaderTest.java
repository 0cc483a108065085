package dev.strongroom.serving.rest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.enclave.memory.LockedHeap;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.enclave.posture.Fits;
import dev.strongroom.serving.access.ConnectionLimits;
import dev.strongroom.serving.engine.TinyDecoder;
import dev.strongroom.serving.generate.GenerationLimits;
import dev.strongroom.serving.infer.GenerationRoom;
import dev.strongroom.serving.infer.ServingLimits;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client who has a sequence begun, and does not read it. */
@Timeout(60)
class SlowReaderTest {
    private static final int TOKENS = 250;
    private static final int ID_CHARACTERS =
            40_000; // said in each event: kernels keep 4 MiB of them
    private static final Duration LONG = Duration.ofMinutes(5);

    @TempDir private Path scratch;
    private final Steps steps = Steps.many();

    @Test
    void nothingMoreIsMadeForWhoReadsNothingAndHisConnectionEnds() throws Exception {
        var limits = new GenerationLimits(64L << 20, 8, 256, Duration.ofMinutes(1));
        var connections =
                new ConnectionLimits(LONG, LONG, LONG, Duration.ofSeconds(1), 100, _ -> true);
        try (var heap = new LockedHeap(64L << 20, Protection.LOCKED, Fits.forTests());
                var node =
                        BothServers.generating(
                                TinyDecoder.bytes(),
                                scratch,
                                ServingLimits.of(1 << 20, 1, 8),
                                connections,
                                new GenerationRoom(limits, heap, new SecureRandom()),
                                steps);
                Socket socket = node.socket(node.ca.client("acme", "consumer"), 1 << 12)) {
            send(socket);
            var lines =
                    new BufferedReader(
                            new InputStreamReader(
                                    socket.getInputStream(), StandardCharsets.US_ASCII));
            assertThat(lines.readLine()).isEqualTo("HTTP/1.1 200 OK");

            while (steps.taken() == 0 || heap.usedBytes() > 0) {
                Thread.onSpinWait(); // until his sequence is over
            }
            int made = steps.taken();

            assertThat(made).as("as many as both ends' buffers take").isLessThan(TOKENS * 3 / 4);
            assertThat(eventsUntilTheEnd(lines)).as("and no more").isLessThanOrEqualTo(made);
        }
    }

    private static void send(Socket socket) throws IOException {
        String body =
                "{\"id\":\"%s\",\"input_ids\":[3,1,4],\"parameters\":{\"max_tokens\":%d}}"
                        .formatted("7".repeat(ID_CHARACTERS), TOKENS);
        socket.getOutputStream()
                .write(
                        "POST /v2/models/%s/generate_stream HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s"
                                .formatted(BothServers.MODEL, body.length(), body)
                                .getBytes(StandardCharsets.US_ASCII));
    }

    /** What was on its way when the node ended the connection. */
    private static int eventsUntilTheEnd(BufferedReader lines) throws IOException {
        int events = 0;
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                events += line.startsWith("data: ") ? 1 : 0;
            }
        } catch (SSLException | SocketException cutOff) {
            // in the middle of an event
        }
        return events;
    }
}
