package dev.strongroom.sim.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What runs where, as JSON for any outside program: folders absolute, addresses host:port. */
final class StateFile {
    private StateFile() {}

    /** Appears whole or not at all. */
    static void write(Path file, Workspace workspace, Scene scene) throws IOException {
        ObjectNode state = JsonMapper.shared().createObjectNode();
        state.putObject("owner").put("dir", workspace.owner().toString());
        state.putObject("vault")
                .put("pid", scene.vault().pid())
                .put("grpc", scene.vault().field("grpc"))
                .put("http", scene.vault().field("http"))
                .put("data", workspace.path("vault").toString());
        state.putObject("node")
                .put("pid", scene.node().pid())
                .put("grpc", scene.node().field("grpc"))
                .put("data", workspace.path("node").toString());
        state.putObject("tls")
                .put("ca", scene.consumer().resolve("ca.pem").toString())
                .put("clientCert", scene.consumer().resolve("cert.pem").toString())
                .put("clientKey", scene.consumer().resolve("key.pem").toString());
        state.putObject("model").put("name", scene.model()).put("version", scene.version());
        state.putArray("temp").add(workspace.rest().toString());
        Path draft = Files.createTempFile(workspace.rest(), "state", ".json");
        Files.writeString(draft, JsonMapper.shared().writeValueAsString(state) + "\n");
        Files.copy(draft, part(file), StandardCopyOption.REPLACE_EXISTING);
        Files.move(part(file), file, StandardCopyOption.ATOMIC_MOVE);
        Files.delete(draft);
    }

    private static Path part(Path file) {
        return file.resolveSibling(file.getFileName() + ".part");
    }
}
