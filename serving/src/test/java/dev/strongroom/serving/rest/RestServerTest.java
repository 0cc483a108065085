package dev.strongroom.serving.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.serving.access.ConnectionLimits;
import dev.strongroom.serving.access.TestAuthority;
import dev.strongroom.serving.access.TestAuthority.Issued;
import dev.strongroom.serving.engine.OnnxModel;
import dev.strongroom.serving.infer.Admission;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.ServingLimits;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The protocol over HTTP, over real TLS. */
@Timeout(120)
class RestServerTest {
    private static final int LIMIT_BYTES = 1 << 20;
    private static final String INFER = "/v2/models/acme/net/infer";

    @TempDir private static Path scratch;
    private static BothServers node;
    private static HttpClient client;

    @BeforeAll
    static void serve() throws Exception {
        byte[] graph =
                new OnnxModel()
                        .input("x", OnnxModel.FLOAT, -1, 2)
                        .input("text", OnnxModel.STRING, -1)
                        .output("y", OnnxModel.FLOAT, -1, 2)
                        .output("text_out", OnnxModel.STRING, -1)
                        .node("Add", List.of("x", "x"), List.of("y"))
                        .node("Identity", List.of("text"), List.of("text_out"))
                        .bytes();
        node =
                new BothServers(
                        graph,
                        scratch,
                        Guard.OPEN,
                        ServingLimits.of(LIMIT_BYTES, 2, 8),
                        ConnectionLimits.of(OutputPolicy.standard()));
        client = node.http(Optional.of(consumer()));
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    private static Issued consumer() {
        return node.ca.client("acme", "consumer");
    }

    @Test
    void saysThatItIsAliveReadyAndWhatItIs() throws Exception {
        assertThat(get("/v2/health/live").body()).isEqualTo("{\"live\":true}");
        assertThat(get("/v2/health/ready").body()).isEqualTo("{\"ready\":true}");
        assertThat(get("/v2").body())
                .contains("\"name\":\"strongroom\"", "\"version\":\"0.1.0\"", "binary_tensor_data");
        for (String path :
                List.of(
                        "/v2/models/acme/net",
                        "/v2/models/acme%2Fnet",
                        "/v2/models/acme%2fnet/versions/3")) {
            assertThat(get(path).body())
                    .contains(
                            "\"name\":\"acme/net\",\"versions\":[\"3\"]",
                            "{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[-1,2]}");
        }
        assertThat(get("/v2/models/acme/net/ready").body())
                .isEqualTo("{\"name\":\"acme/net\",\"ready\":true}");
        assertThat(get("/v2/models/acme/net/versions/3/ready").statusCode()).isEqualTo(200);
    }

    @Test
    void isNotReadyWhileItsLeaseIsOver() throws Exception {
        node.refusal.set(Optional.of(new Admission.Refusal("LEASE_EXPIRED", "it ended")));
        try {
            assertThat(get("/v2/health/ready").statusCode()).isEqualTo(400);
            assertThat(get("/v2/models/acme/net/ready").statusCode()).isEqualTo(400);
            assertThat(refused(post(INFER, request("")))).isEqualTo("503 LEASE_EXPIRED");
        } finally {
            node.refusal.set(Optional.empty());
        }
    }

    @Test
    void answersJson() throws Exception {
        HttpResponse<String> answer = post(INFER, request(", \"id\": \"q\""));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
                .isEqualTo(
                        "{\"model_name\":\"acme/net\",\"model_version\":\"3\",\"id\":\"q\","
                                + "\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\","
                                + "\"shape\":[1,2],\"data\":[3.0,-4.5]},{\"name\":\"text_out\","
                                + "\"datatype\":\"BYTES\",\"shape\":[1],\"data\":[\"attack at"
                                + " dawn\"]}]}");
        assertThat(answer.headers().firstValue("content-type")).contains("application/json");
        assertThat(answer.headers().firstValue("strongroom-tee")).contains("simulated");
    }

    @Test
    void takesAndAnswersBinaryData() throws Exception {
        byte[] json =
                """
                {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2],
                   "parameters": {"binary_data_size": 8}},
                  {"name": "text", "datatype": "BYTES", "shape": [1], "data": ["a"]}],
                 "outputs": [{"name": "text_out"},
                  {"name": "y", "parameters": {"binary_data": true}}]}\
                """
                        .getBytes(StandardCharsets.UTF_8);
        byte[] body = java.util.Arrays.copyOf(json, json.length + 8);
        body[json.length + 3] = 0x40; // 2.0f
        HttpResponse<byte[]> answer =
                client.send(
                        node.request("/v2/models/acme/net/versions/3/infer")
                                .header("Inference-Header-Content-Length", "" + json.length)
                                .POST(BodyPublishers.ofByteArray(body))
                                .build(),
                        BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).isEqualTo(200);
        int split =
                Integer.parseInt(
                        answer.headers()
                                .firstValue("inference-header-content-length")
                                .orElseThrow());
        assertThat(new String(answer.body(), 0, split, StandardCharsets.UTF_8))
                .contains("\"data\":[\"a\"]", "\"parameters\":{\"binary_data_size\":8}");
        assertThat(answer.body()).hasSize(split + 8).endsWith(0, 0, 0x80, 0x40, 0, 0, 0, 0);
    }

    @Test
    void refusesWhatGrpcRefusesWithTheSameReasons() throws Exception {
        assertThat(refused(get("/v2/models/acme/other"))).isEqualTo("404 MODEL_NOT_FOUND");
        assertThat(refused(get("/v2/models/acme/net/versions/4")))
                .isEqualTo("404 VERSION_NOT_FOUND");
        assertThat(refused(post("/v2/models/acme/other/infer", request(""))))
                .isEqualTo("404 MODEL_NOT_FOUND");
        Map<String, String> bodies =
                Map.of(
                        "INPUT_UNKNOWN", request("").replace("\"x\"", "\"z\""),
                        "INPUT_DATATYPE", request("").replace("FP32", "FP64"),
                        "INPUT_SHAPE", request("").replace("[1,2]", "[1,-2]"),
                        "INPUT_MISSING", "{\"inputs\":[]}",
                        "OUTPUT_UNKNOWN", request(",\"outputs\":[{\"name\":\"nope\"}]"),
                        "OUTPUT_DUPLICATE",
                                request(",\"outputs\":[{\"name\":\"y\"},{\"name\":\"y\"}]"),
                        "REQUEST_MALFORMED", "{");
        for (var body : bodies.entrySet()) {
            assertThat(refused(post(INFER, body.getValue()))).isEqualTo("400 " + body.getKey());
        }
        assertThat(
                        refused(
                                post(
                                        INFER,
                                        request(
                                                ",\"outputs\":[{\"name\":\"y\",\"parameters\":"
                                                        + "{\"classification\":2}}]"))))
                .isEqualTo("501 PARAMETER_UNSUPPORTED");
    }

    @Test
    void refusesOtherPathsAndMethods() throws Exception {
        assertThat(refused(get("/"))).isEqualTo("404 PATH_NOT_FOUND");
        assertThat(refused(get("/v2/models/acme"))).isEqualTo("404 PATH_NOT_FOUND");
        assertThat(refused(get(INFER))).isEqualTo("405 METHOD_NOT_ALLOWED");
        assertThat(refused(post("/v2/health/live", "{}"))).isEqualTo("405 METHOD_NOT_ALLOWED");
    }

    @Test
    void refusesEveryPathToEverybodyElse() throws Exception {
        Map<String, Optional<Issued>> strangers =
                Map.of(
                        "401 CERTIFICATE_REQUIRED", Optional.empty(),
                        "403 TENANT_DENIED", Optional.of(node.ca.client("other", "consumer")),
                        "403 ROLE_DENIED", Optional.of(node.ca.client("acme", "node")),
                        "401 CERTIFICATE_UNKNOWN",
                                Optional.of(node.ca.client("https://acme/consumer")));
        for (var stranger : strangers.entrySet()) {
            HttpClient other = node.http(stranger.getValue());
            for (String path :
                    List.of("/v2/health/live", "/v2", "/v2/models/acme/net", "/", "/nowhere")) {
                assertThat(refused(other.send(node.request(path).build(), BodyHandlers.ofString())))
                        .as(path)
                        .isEqualTo(stranger.getKey());
            }
            HttpRequest infer =
                    node.request(INFER).POST(BodyPublishers.ofString(request(""))).build();
            assertThat(refused(other.send(infer, BodyHandlers.ofString())))
                    .isEqualTo(stranger.getKey());
        }
    }

    @Test
    void refusesAClientWhoseCertificateWasWithdrawn() throws Exception {
        Issued lost = consumer();
        HttpClient other = node.http(Optional.of(lost));
        HttpRequest live = node.request("/v2/health/live").build();
        assertThat(other.send(live, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
        node.withdrawn.add(
                List.of(Digest.sha256(lost.chain().getFirst().getPublicKey().getEncoded())));
        assertThat(refused(other.send(live, BodyHandlers.ofString())))
                .isEqualTo("401 CERTIFICATE_WITHDRAWN");
    }

    @Test
    void endsTheHandshakeOfAnExpiredCertificateOrOneOfAnotherAuthority() throws Exception {
        for (Issued bad :
                List.of(
                        node.ca.expired("acme", "consumer"),
                        new TestAuthority().client("acme", "consumer"))) {
            HttpClient other = node.http(Optional.of(bad));
            HttpRequest live = node.request("/v2/health/live").build();
            assertThatThrownBy(() -> other.send(live, BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void refusesBodiesBeforeItReadsThem() throws Exception {
        try (Socket socket = node.socket(consumer())) {
            send(
                    socket,
                    "POST "
                            + INFER
                            + " HTTP/1.1\r\nhost: n\r\ncontent-length: 99999999999\r\n\r\n");
            assertThat(answer(socket)).startsWith("HTTP/1.1 413").contains("REQUEST_TOO_LARGE");
        }
        try (Socket socket = node.socket(consumer())) {
            send(
                    socket,
                    "POST " + INFER + " HTTP/1.1\r\nhost: n\r\ntransfer-encoding: chunked\r\n\r\n");
            String chunk = "10000\r\n" + " ".repeat(0x10000) + "\r\n";
            for (int i = 0; i < 18; i++) {
                send(socket, chunk);
            }
            assertThat(answer(socket)).startsWith("HTTP/1.1 413").contains("REQUEST_TOO_LARGE");
        }
        assertThat(
                        refused(
                                client.send(
                                        node.request(INFER)
                                                .header("content-encoding", "gzip")
                                                .POST(BodyPublishers.ofString("{}"))
                                                .build(),
                                        BodyHandlers.ofString())))
                .isEqualTo("415 ENCODING_UNSUPPORTED");
        assertThat(get("/v2/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void refusesPagesThatActForABrowsersUser() throws Exception {
        try (Socket socket = node.socket(consumer())) {
            send(socket, "GET /v2 HTTP/1.1\r\nhost: n\r\norigin: https://evil.example\r\n\r\n");
            assertThat(answer(socket)).startsWith("HTTP/1.1 403").contains("ORIGIN_DENIED");
        }
    }

    @Test
    void refusesALineOrHeadersWithoutEnd() throws Exception {
        try (Socket socket = node.socket(consumer())) {
            send(socket, "GET /" + "a".repeat(8 << 10) + " HTTP/1.1\r\n\r\n");
            assertThat(answer(socket)).contains(" 414 ");
        }
        try (Socket socket = node.socket(consumer())) {
            send(socket, "GET /v2 HTTP/1.1\r\nhost: n\r\na: " + "a".repeat(32 << 10) + "\r\n\r\n");
            assertThat(answer(socket)).contains(" 431 ");
        }
    }

    private static String request(String more) {
        return """
        {"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[1.5,-2.25]},
        {"name":"text","datatype":"BYTES","shape":[1],"data":["attack at dawn"]}]%s}\
        """
                .formatted(more);
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return client.send(node.request(path).build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(String path, String body) throws Exception {
        return client.send(
                node.request(path).POST(BodyPublishers.ofString(body)).build(),
                BodyHandlers.ofString());
    }

    /** Status and reason. */
    private static String refused(HttpResponse<String> answer) {
        String reason = answer.headers().firstValue("strongroom-reason").orElse("-");
        assertThat(answer.body()).startsWith("{\"error\":\"" + reason + ": ");
        assertThat(answer.headers().firstValue("strongroom-tee")).contains("simulated");
        return answer.statusCode() + " " + reason;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    private static String answer(Socket socket) throws IOException {
        byte[] answer = new byte[4096];
        int length = socket.getInputStream().read(answer);
        return new String(answer, 0, Math.max(0, length), StandardCharsets.US_ASCII);
    }
}
