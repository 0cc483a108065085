package dev.strongroom.bench.serve;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.Phaser;
import org.jspecify.annotations.Nullable;

/**
 * Keeps so many requests under way over HTTP/1.1 by the JDK's client, the next one as soon as one
 * has its answer. That client costs more than gRPC's; what it costs is in the sample.
 */
public final class HttpLoad implements Calls {
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final HttpRequest request;
    private final int underWay;

    /**
     * @param body JSON
     */
    public HttpLoad(URI to, byte[] body, int underWay) {
        this.request =
                HttpRequest.newBuilder(to)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofByteArray(body))
                        .build();
        this.underWay = underWay;
    }

    @Override
    public void warmUp(long answers) throws InterruptedException {
        new Span(Long.MAX_VALUE, answers).run();
    }

    @Override
    public Sample run(Duration length) throws InterruptedException {
        return new Span(System.nanoTime() + length.toNanos(), Long.MAX_VALUE).run();
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    private final class Span {
        private final long end;
        private final long enough;
        private final Tally tally = new Tally(1, () -> 0);
        private final Phaser open = new Phaser(1);

        Span(long end, long enough) {
            this.end = end;
            this.enough = enough;
        }

        Sample run() throws InterruptedException {
            for (int i = 0; i < underWay; i++) {
                open.register();
                ask();
            }
            open.awaitAdvanceInterruptibly(open.arrive());
            return tally.end();
        }

        private void ask() {
            long begun = System.nanoTime();
            var _ =
                    client.sendAsync(request, BodyHandlers.ofByteArray())
                            .whenComplete((answer, failure) -> answered(begun, answer, failure));
        }

        private void answered(
                long begun, @Nullable HttpResponse<byte[]> answer, @Nullable Throwable failure) {
            if (answer != null && answer.statusCode() == 200) {
                tally.answered(0, begun);
            } else {
                tally.refused(
                        answer == null ? String.valueOf(failure) : "HTTP " + answer.statusCode());
            }
            if (failure != null || System.nanoTime() >= end || tally.answers() >= enough) {
                open.arriveAndDeregister();
            } else {
                ask();
            }
        }
    }
}
