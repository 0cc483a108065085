package dev.strongroom.bench.peer;

import dev.strongroom.bench.SideProcess;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/** onnxruntime-node behind grpc-js as a process of its own, with packages of npm. */
public final class NodePeer implements AutoCloseable {
    private static final String SERVER = "server.js";
    private static final List<String> PACKAGES =
            List.of(
                    "onnxruntime-node@1.30.0", // its CPU library is inside; no script has to run
                    "@grpc/grpc-js@1.14.7",
                    "@grpc/proto-loader@0.8.1");

    private final SideProcess process;

    private NodePeer(SideProcess process) {
        this.process = process;
    }

    /**
     * Starts it; empty where node, npm or the packages cannot be had.
     *
     * @param folder for the packages, which stay there
     * @param protocol the protocol's definition
     * @param models plain files by name
     */
    public static Optional<NodePeer> start(Path folder, Path protocol, Map<String, Path> models)
            throws IOException, InterruptedException {
        if (!installed(Files.createDirectories(folder))) {
            return Optional.empty();
        }
        Path server = folder.resolve(SERVER);
        try (InputStream in = NodePeer.class.getResourceAsStream(SERVER)) {
            Files.write(server, Objects.requireNonNull(in, SERVER).readAllBytes());
        }
        List<String> command = new ArrayList<>();
        command.addAll(List.of("node", server.toString(), protocol.toAbsolutePath().toString()));
        models.forEach((name, file) -> command.add(name + "=" + file.toAbsolutePath()));
        var builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
        return Optional.of(new NodePeer(SideProcess.start(builder)));
    }

    public Peer peer() {
        return new Peer.Grpc(
                "onnxruntime-node behind grpc-js",
                process.address(),
                OptionalLong.of(process.pid()));
    }

    @Override
    public void close() {
        process.close();
    }

    private static boolean installed(Path folder) throws InterruptedException {
        List<String> install = new ArrayList<>();
        install.addAll(List.of("npm", "install", "--silent", "--no-audit", "--no-fund"));
        install.addAll(List.of("--ignore-scripts", "--prefix", "."));
        install.addAll(PACKAGES);
        return succeeds(folder, List.of("node", "--version")) && succeeds(folder, install);
    }

    private static boolean succeeds(Path folder, List<String> command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectOutput(Redirect.DISCARD)
                            .redirectError(Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException missing) {
            return false;
        }
    }
}
