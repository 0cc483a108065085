package dev.strongroom.bench.serve;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The bare echo as a process of its own. */
public final class Echo implements AutoCloseable {
    private final Process process;
    private final String address;

    private Echo(Process process, String address) {
        this.process = process;
        this.address = address;
    }

    /**
     * Starts a process that echoes.
     *
     * @param answerBytes size of each answer
     * @param loops threads
     */
    public static Echo start(int answerBytes, int loops) throws IOException {
        var process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:+UseParallelGC", // as the node's
                                "-Xms256m",
                                "-Xmx1g",
                                "-Xmn160m",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "dev.strongroom.bench.Main",
                                EchoSide.NAME,
                                "" + answerBytes,
                                "" + loops)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        var out =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        return new Echo(process, "127.0.0.1:" + out.readLine());
    }

    public Load load(int connections, int calls, byte[] request) {
        return new Load(
                Stream.generate(() -> Clients.plain(address)).limit(connections).toList(),
                EchoSide.METHOD,
                () -> request,
                calls,
                () -> ProcessorTime.of(process.pid()));
    }

    @Override
    public void close() {
        process.destroy();
    }
}
