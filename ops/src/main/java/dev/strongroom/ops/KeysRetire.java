package dev.strongroom.ops;

import dev.strongroom.proto.v1.RetireKekRequest;
import dev.strongroom.proto.v1.RetireKekResponse;
import dev.strongroom.proto.v1.RetireOwnKeyRequest;
import dev.strongroom.proto.v1.RetireOwnKeyResponse;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "retire",
        description = {
            "Retire a key-encryption key that a rotation left behind, once the token has authenticated",
            "every record and found none under it. A rotation that finishes has done so itself.",
            "With --key it destroys the version of one of the vault's own keys that was replaced: a",
            "CA's certificates count no more from then on; what the signing key signed stays valid."
        })
final class KeysRetire implements Callable<Integer> {
    private final Session session;

    @ArgGroup(exclusive = true, multiplicity = "1")
    private Which which = new Which();

    /** One or the other. */
    static final class Which {
        @Parameters(
                paramLabel = "TENANT/VERSION",
                converter = KekReference.Converter.class,
                description = "Which key-encryption key, such as acme/3.")
        private @Nullable KekReference kek;

        @Option(
                names = "--key",
                paramLabel = "KIND",
                description = "Which of the vault's own keys: signing, ca or tls.")
        private @Nullable OwnKeyKind own;
    }

    @Option(
            names = "--dry-run",
            description = "Look at every record all the same, and only say what would be retired.")
    private boolean dryRun;

    KeysRetire(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        return which.own != null ? retire(which.own) : retire(Objects.requireNonNull(which.kek));
    }

    private int retire(OwnKeyKind own) throws Exception {
        try (var vault = session.connect()) {
            // Who has the old CA alone could not connect any more.
            var _ = vault.identify(session.pin(), session.anchors());
            var request = RetireOwnKeyRequest.newBuilder().setKey(own.label()).build();
            RetireOwnKeyResponse answer =
                    dryRun
                            ? vault.ownKeys().planRetireOwnKey(request)
                            : vault.ownKeys().retireOwnKey(request);
            int version = answer.getVersion();
            boolean planned = dryRun && version > 0;
            return session.print(
                    Answer.with("key", own.label())
                            .with("version", version == 0 ? "" : version)
                            .with("state", planned ? "planned" : "retired")
                            .one());
        }
    }

    private int retire(KekReference kek) throws Exception {
        try (var vault = session.connect()) {
            var request =
                    RetireKekRequest.newBuilder()
                            .setTenant(kek.tenant().value())
                            .setVersion(kek.version())
                            .build();
            // Every record is authenticated, which takes as long as there are records.
            RetireKekResponse answer =
                    dryRun
                            ? vault.rotations().planRetireKek(request)
                            : vault.rotations().retireKek(request);
            return session.print(
                    Answer.with("kek", kek.toString()).with("state", answer.getState()).one());
        }
    }
}
