package dev.strongroom.witness;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/** A witness in a process of its own. */
final class WitnessProcess implements AutoCloseable {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    private final Process process;
    private final BufferedReader out;
    private final URI url;

    private WitnessProcess(Process process, BufferedReader out, URI url) {
        this.process = process;
        this.out = out;
        this.url = url;
    }

    static WitnessProcess start(Class<?> main, String... arguments) throws IOException {
        var words =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                main.getName()));
        words.addAll(List.of(arguments));
        Process process =
                new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String ready = out.readLine();
        if (ready == null) {
            throw new IOException("the witness did not start");
        }
        String address = JsonMapper.shared().readTree(ready).path("http").asString();
        return new WitnessProcess(process, out, URI.create("http://" + address));
    }

    HttpResponse<String> add(byte[] request) throws IOException, InterruptedException {
        return HTTP.send(request(request), BodyHandlers.ofString());
    }

    /** Sends and does not wait. */
    void send(byte[] request) {
        var _ = HTTP.sendAsync(request(request), BodyHandlers.ofString());
    }

    private HttpRequest request(byte[] body) {
        return HttpRequest.newBuilder(url.resolve("/add-checkpoint"))
                .timeout(Duration.ofSeconds(20))
                .POST(BodyPublishers.ofByteArray(body))
                .build();
    }

    /** The next line on standard output. */
    String line() throws IOException {
        return String.valueOf(out.readLine());
    }

    /** SIGKILL, and waits until the process is gone. */
    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
