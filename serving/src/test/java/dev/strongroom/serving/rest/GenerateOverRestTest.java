package dev.strongroom.serving.rest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.enclave.memory.LockedHeap;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.enclave.posture.Fits;
import dev.strongroom.serving.access.TestAuthority.Issued;
import dev.strongroom.serving.engine.TinyDecoder;
import dev.strongroom.serving.generate.GenerationLimits;
import dev.strongroom.serving.infer.GenerationRoom;
import dev.strongroom.serving.infer.ServingLimits;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Sequences over HTTP: as events, as a whole, and to whom nobody listens. */
@Timeout(60)
class GenerateOverRestTest {
    private static final int[] PROMPT = {3, 1, 4, 1, 5};
    private static final String STREAM = "/v2/models/" + BothServers.MODEL + "/generate_stream";

    @TempDir private Path scratch;
    private final LockedHeap heap = new LockedHeap(64L << 20, Protection.LOCKED, Fits.forTests());
    private final Steps steps = Steps.many();
    private BothServers node;
    private Issued consumer;

    @BeforeEach
    void serve() throws Exception {
        var limits = new GenerationLimits(64L << 20, 8, 256, Duration.ofMinutes(1));
        node =
                BothServers.generating(
                        TinyDecoder.bytes(),
                        scratch,
                        ServingLimits.of(1 << 20, 1, 8),
                        new GenerationRoom(limits, heap, new SecureRandom()),
                        steps);
        consumer = node.ca.client("acme", "consumer");
    }

    @AfterEach
    void stop() {
        steps.permits().release(Steps.MANY);
        node.close();
        assertThat(heap.usedBytes()).as("whatever happened").isZero();
        heap.close();
    }

    @Test
    void eachTokenIsAnEventAndTheLastOneSaysWhyItIsTheLast() throws Exception {
        HttpResponse<String> answer = post(STREAM, prompt("\"max_tokens\":12"));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type")).contains("text/event-stream");
        assertThat(answer.headers().firstValue("strongroom-tee")).contains("simulated");
        List<JsonNode> events = events(answer.body());
        assertThat(events.stream().map(event -> event.path("output_ids").asInt()).toList())
                .isEqualTo(TinyDecoder.plainly(PROMPT, 12));
        assertThat(events).allMatch(event -> event.path("id").asString().equals("7"));
        assertThat(
                        events.stream()
                                .map(event -> event.path("triton_final_response").asBoolean())
                                .toList())
                .startsWith(false)
                .endsWith(true)
                .containsOnlyOnce(true);
        assertThat(events.getLast().path("finish_reason").asString()).isEqualTo("length");
    }

    @Test
    void theWholeSequenceComesAsOneAnswer() throws Exception {
        HttpResponse<String> answer =
                post("/v2/models/" + BothServers.MODEL + "/generate", prompt("\"max_tokens\":5"));

        assertThat(answer.statusCode()).isEqualTo(200);
        JsonNode json = JsonMapper.shared().readTree(answer.body());
        assertThat(json.path("output_ids").valueStream().map(JsonNode::asInt).toList())
                .isEqualTo(TinyDecoder.plainly(PROMPT, 5));
        assertThat(json.path("model_name").asString()).isEqualTo(BothServers.MODEL);
        assertThat(json.path("model_version").asString()).isEqualTo("3");
    }

    @Test
    void whatIsRefusedBeforeItsFirstTokenIsAnErrorLikeEveryOther() throws Exception {
        assertThat(post(STREAM, "{\"input_ids\":[999]}").body()).contains("INPUT_RANGE");
        assertThat(post(STREAM, "{\"input_ids\":[999]}").statusCode()).isEqualTo(400);
        assertThat(post(STREAM, "{\"text_input\":\"hello\"}").body())
                .contains("REQUEST_MALFORMED")
                .contains("input_ids");
        assertThat(post(STREAM, "{}").body()).contains("expected input_ids");
        assertThat(post(STREAM, "{\"input_ids\":[1.5]}").body()).contains("whole numbers");
        assertThat(post(STREAM, "{\"input_ids\":[1],\"input_ids\":[2]}").statusCode())
                .isEqualTo(400);
        HttpResponse<String> stranger =
                node.http(Optional.of(node.ca.client("other", "consumer")))
                        .send(
                                node.request(STREAM)
                                        .POST(BodyPublishers.ofString(prompt("\"max_tokens\":2")))
                                        .build(),
                                BodyHandlers.ofString());
        assertThat(stranger.statusCode()).isEqualTo(403);
    }

    @Test
    void aDeadlineInTheMiddleIsTheLastEvent() throws Exception {
        steps.permits().drainPermits();
        steps.permits().release(3);

        HttpResponse<String> answer =
                node.http(Optional.of(consumer))
                        .send(
                                node.request(STREAM)
                                        .header("request-timeout", "3")
                                        .POST(BodyPublishers.ofString(prompt("\"max_tokens\":99")))
                                        .build(),
                                BodyHandlers.ofString());

        List<JsonNode> events = events(answer.body());
        assertThat(events).hasSize(3); // the first step reads the prompt
        assertThat(events.getLast().path("error").asString()).startsWith("DEADLINE_EXCEEDED");
    }

    @Test
    void whoGoesEndsHisSequence() throws Exception {
        steps.permits().drainPermits();
        steps.permits().release(4);
        HttpClient other = node.http(Optional.of(consumer));
        try (var socket = node.socket(consumer)) {
            String body = prompt("\"max_tokens\":200");
            socket.getOutputStream()
                    .write(
                            "POST %s HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s"
                                    .formatted(STREAM, body.length(), body)
                                    .getBytes(StandardCharsets.US_ASCII));
            var lines =
                    new BufferedReader(
                            new InputStreamReader(
                                    socket.getInputStream(), StandardCharsets.US_ASCII));
            while (!lines.readLine().startsWith("data: ")) {
                // headers, and lengths of chunks
            }
            assertThat(heap.usedBytes()).isPositive();
        }

        int given = 0;
        while (heap.usedBytes() > 0) {
            if (steps.permits().hasQueuedThreads()) {
                steps.permits().release();
                given++;
            }
            live(other); // the node looks at its connections meanwhile
        }
        assertThat(given).as("steps after he had gone").isLessThan(150);
    }

    private void live(HttpClient client) throws Exception {
        client.send(node.request("/v2/health/live").build(), BodyHandlers.discarding());
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        return node.http(Optional.of(consumer))
                .send(
                        node.request(path).POST(BodyPublishers.ofString(body)).build(),
                        BodyHandlers.ofString());
    }

    private static String prompt(String parameters) {
        return "{\"id\":\"7\",\"input_ids\":%s,\"parameters\":{%s}}"
                .formatted(Arrays.toString(PROMPT), parameters);
    }

    private static List<JsonNode> events(String body) {
        return Arrays.stream(body.split("\n\n", -1))
                .filter(event -> !event.isEmpty())
                .map(event -> {
                    assertThat(event).startsWith("data: ");
                    return JsonMapper.shared().readTree(event.substring("data: ".length()));
                })
                .toList();
    }
}
