package dev.strongroom.ops;

import dev.strongroom.attestation.Digest;
import dev.strongroom.client.ModelCatalog;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.FileEntry;
import dev.strongroom.crypto.format.SealedEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "show", description = "Show what the owner signed of a version.")
final class ModelShow implements Callable<Integer> {
    private final Session session;

    @Parameters(
            paramLabel = "NAME[:VERSION]",
            converter = VersionName.Converter.class,
            description = "tenant/name, the latest version unless one is named")
    private VersionName name;

    ModelShow(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            return session.print(
                    answer(
                                    new ModelCatalog(vault, session.verifier())
                                            .get(name.model(), name.number()))
                            .one());
        }
    }

    static Answer.Fields answer(ModelCatalog.Version version) {
        ContentStatement content = version.manifest().content();
        return Answer.with("model", content.model().toString())
                .with("version", version.number())
                .with("version_id", content.versionId().hex())
                .with("manifest_digest", version.manifest().digest().hex())
                .with("seal_epoch", version.manifest().seal().epoch())
                .with("sealed_by", sealedBy(version))
                .with("reseal_by", content.resealBy())
                .with("owner_id", content.ownerId().hex())
                .with("created_at", content.createdAt().toString())
                .with("suite", content.suite().label())
                .with("agent", content.agent().map(Digest::hex).orElse(""))
                .with(
                        "preparation",
                        content.preparation().name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .with("graph_file", content.graphFile())
                .with("files", files(version))
                .with("release_policy", content.releasePolicy().id())
                .with("output_policy", content.outputPolicy().id())
                .with("licence", content.licence())
                .with("provenance", content.provenance());
    }

    /** The owner, or the launch measurement of the node that sealed last. */
    private static String sealedBy(ModelCatalog.Version version) {
        return version.manifest()
                .sealer()
                .map(sealer -> sealer.claims().measurement())
                .orElse("owner");
    }

    private static List<Map<String, Object>> files(ModelCatalog.Version version) {
        List<SealedEntry> sealed = version.manifest().seal().files();
        var files = new ArrayList<Map<String, Object>>();
        for (FileEntry file : version.manifest().content().files()) {
            SealedEntry entry = sealed.get(files.size());
            files.add(
                    Answer.with("name", file.name())
                            .with("plaintext_bytes", file.plaintextBytes())
                            .with("sealed_bytes", entry.sealedBytes())
                            .with("sealed_sha256", entry.digest().hex())
                            .row());
        }
        return files;
    }
}
