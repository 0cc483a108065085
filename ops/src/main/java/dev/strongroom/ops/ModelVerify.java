package dev.strongroom.ops;

import dev.strongroom.client.ClientException;
import dev.strongroom.client.ModelCatalog;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "verify",
        description = {
            "Check a version: the owner's signatures, every sealed byte that the vault holds,",
            "and with --leaf that the log speaks of it."
        })
final class ModelVerify implements Callable<Integer> {
    private final Session session;

    @Parameters(
            paramLabel = "NAME[:VERSION]",
            converter = VersionName.Converter.class,
            description = "tenant/name, the latest version unless one is named")
    private VersionName name;

    @Option(
            names = "--leaf",
            paramLabel = "INDEX",
            description = "Leaf of the log that speaks of the version; push printed it.")
    private @Nullable Long leaf;

    ModelVerify(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        return session.print(verified());
    }

    private Answer verified() throws ClientException, IOException {
        try (var vault = session.connect();
                var progress = session.progress()) {
            var catalog = new ModelCatalog(vault, session.verifier());
            ModelCatalog.Version version = catalog.get(name.model(), name.number());
            Answer.Fields answer = ModelShow.answer(version).with("signatures", "ok");
            if (leaf != null) {
                String record = catalog.verifyLeaf(version, leaf, session.pin(), session.anchors());
                answer.with("log_index", leaf).with("log_record", record);
            }
            catalog.verifyObjects(version, progress);
            return answer.with("sealed_files", "ok").one();
        }
    }
}
