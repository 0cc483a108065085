package dev.strongroom.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that stands beside what is measured, serves on a loopback port which it says in its
 * first line, and ends when its standard input does.
 */
public final class SideProcess implements AutoCloseable {
    private final Process process;
    private final String address;

    private SideProcess(Process process, String address) {
        this.process = process;
        this.address = address;
    }

    /**
     * Of this bench, with a node's heap.
     *
     * @param words its name and arguments, as {@link Main} takes them
     */
    public static SideProcess ofBench(String... words) throws IOException {
        List<String> command = new ArrayList<>();
        command.addAll(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseParallelGC",
                        "-Xms256m",
                        "-Xmx1g",
                        "-Xmn160m",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName()));
        command.addAll(List.of(words));
        return start(new ProcessBuilder(command));
    }

    /** Of whatever says its port; its errors are this process's. */
    public static SideProcess start(ProcessBuilder builder) throws IOException {
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        var out =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String port = out.readLine();
        if (port == null) {
            throw new IOException(builder.command().getFirst() + " ended before it said its port");
        }
        return new SideProcess(process, "127.0.0.1:" + port);
    }

    /** Host and port. */
    public String address() {
        return address;
    }

    public long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroy();
    }
}
