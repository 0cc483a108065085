package dev.strongroom.ops;

import dev.strongroom.client.ModelCatalog;
import dev.strongroom.proto.v1.ListModelsResponse;
import java.time.Instant;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "list", description = "List the versions that the vault holds, as it tells them.")
final class ModelList implements Callable<Integer> {
    private final Session session;

    ModelList(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            return session.print(
                    Answer.many(
                            "versions",
                            new ModelCatalog(vault, session.verifier())
                                    .list().stream().map(ModelList::row).toList()));
        }
    }

    private static Answer.Fields row(ListModelsResponse.Version version) {
        return Answer.with("model", version.getModel())
                .with("version", version.getNumber())
                .with("sealed_bytes", version.getSealedBytes())
                .with("kek_version", version.getKekVersion())
                .with(
                        "committed_at",
                        Instant.ofEpochMilli(version.getCommittedAtMillis()).toString())
                .with(
                        "manifest_digest",
                        HexFormat.of().formatHex(version.getManifestDigest().toByteArray()));
    }
}
