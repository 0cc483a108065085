package dev.strongroom.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Rates are there for who is to read them, and nothing else is. */
class NodeMetricsTest {
    @Test
    void showsRatesAndNoOtherRoute() throws Exception {
        try (var metrics = NodeMetrics.start(Optional.of(new NodeConfig.Listen("127.0.0.1", 0)));
                var http = HttpClient.newHttpClient()) {
            metrics.registry()
                    .counter("strongroom.guard.rows", "model", "acme/net", "tier", "trial")
                    .increment(7);
            String address = metrics.address().orElseThrow();
            assertThat(address).startsWith("127.0.0.1:");
            HttpResponse<String> answer = call(http, "GET", address, "/metrics");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("content-type").orElseThrow())
                    .startsWith("text/plain; version=0.0.4");
            assertThat(answer.body())
                    .contains(
                            "strongroom_guard_rows_total{model=\"acme/net\",tier=\"trial\"} 7.0",
                            "jvm_memory_used_bytes");
            for (String path : List.of("/", "/metrics/", "/healthz", "/v2")) {
                assertThat(call(http, "GET", address, path).statusCode()).as(path).isEqualTo(404);
            }
            for (String method : List.of("POST", "PUT", "DELETE", "HEAD", "OPTIONS")) {
                assertThat(call(http, method, address, "/metrics").statusCode())
                        .as(method)
                        .isEqualTo(404);
            }
        }
    }

    @Test
    void listensNowhereUnlessItIsConfigured() throws Exception {
        try (var metrics = NodeMetrics.start(Optional.empty())) {
            assertThat(metrics.address()).isEmpty();
            assertThat(metrics.registry()).isInstanceOf(SimpleMeterRegistry.class);
        }
    }

    private static HttpResponse<String> call(
            HttpClient http, String method, String address, String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://" + address + path))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
