package dev.strongroom.ops;

import dev.strongroom.client.ApproverKey;
import dev.strongroom.client.ClientException;
import dev.strongroom.client.VaultConnection;
import dev.strongroom.crypto.format.ApprovalRequest;
import dev.strongroom.crypto.format.Change;
import dev.strongroom.crypto.format.DecoyPlanting;
import dev.strongroom.crypto.format.KekDestruction;
import dev.strongroom.crypto.format.OwnKeyChange;
import dev.strongroom.crypto.format.OwnKeyChange.Step;
import dev.strongroom.crypto.format.QuarantineLift;
import dev.strongroom.proto.v1.GetKeyStatusRequest;
import dev.strongroom.proto.v1.GetKeyStatusResponse.Kek;
import dev.strongroom.proto.v1.ListQuarantinesRequest;
import dev.strongroom.proto.v1.ListQuarantinesResponse.Quarantine;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "request",
        description = {
            "Ask the approvers to agree to the destruction of a key-encryption key, to what the",
            "ceremony key is to sign (another signing or CA key of the vault's), to a decoy or to the",
            "end of a quarantine. You sign with an approver's key, which does not count as an approval. A",
            "policy's approvers are asked by `policy set`."
        })
final class ApprovalsRequest implements Callable<Integer> {
    private static final int SALT_BYTES = 16;

    private final Session session;

    @ArgGroup(exclusive = true, multiplicity = "1")
    private What what = new What();

    /** One of these. */
    static final class What {
        @Option(
                names = "--destroy",
                paramLabel = "TENANT/VERSION",
                converter = KekReference.Converter.class,
                description = "The key-encryption key to destroy, such as acme/3.")
        private @Nullable KekReference kek;

        @Option(
                names = "--rotate",
                paramLabel = "KIND",
                description = "Which of the vault's own keys to replace: signing or ca.")
        private @Nullable OwnKeyKind rotate;

        @Option(
                names = "--retire",
                paramLabel = "KIND",
                description = "Which of the vault's own keys to end that was replaced: ca.")
        private @Nullable OwnKeyKind retire;

        @Option(
                names = "--lift",
                paramLabel = "IDENTITY",
                description = "Who touched a decoy and is to be let in again.")
        private @Nullable String lift;

        @Option(
                names = "--plant",
                paramLabel = "KIND:SUBJECT",
                description = "What is to become a decoy, such as key:acme/bert:2.")
        private @Nullable String plant;
    }

    /** A change and the document that says exactly what it is. */
    private record Asked(Change change, byte[] document) {}

    @Option(
            names = "--valid-days",
            paramLabel = "DAYS",
            defaultValue = "7",
            description = "Days until the request ends, 1 to 30; default 7.")
    private int validDays;

    @Mixin private final ApproverOptions approver = new ApproverOptions();

    ApprovalsRequest(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        if (validDays < 1 || validDays > 30) {
            throw ClientException.local(
                    "--valid-days " + validDays + ": expected 1 to 30", "give another number");
        }
        ApproverKey key = approver.key(session);
        try (var vault = session.connect()) {
            Asked asked = asked(vault);
            Change change = asked.change();
            var answer =
                    Answer.with("kind", change.kind().label()).with("subject", change.subject());
            if (!approver.dryRun) {
                ApprovalRequest request =
                        session.approvals(vault)
                                .ask(change, asked.document(), key, Duration.ofDays(validDays));
                answer.with("id", request.id()).with("not_after", request.notAfter().toString());
            }
            return session.print(
                    answer.with("document_digest", change.document().hex())
                            .with("requester", key.keyId().hex())
                            .one());
        }
    }

    private Asked asked(VaultConnection vault) throws ClientException, IOException {
        if (what.rotate != null) {
            int next = OwnKeyRows.current(vault, what.rotate).getVersion() + 1;
            return asked(Step.ROTATE, what.rotate, next);
        }
        if (what.retire != null) {
            int before = OwnKeyRows.current(vault, what.retire).getVersion() - 1;
            return asked(Step.RETIRE, what.retire, before);
        }
        if (what.lift != null) {
            var lift = new QuarantineLift(what.lift, touch(vault, what.lift));
            return new Asked(Change.of(lift), lift.encode());
        }
        if (what.plant != null) {
            DecoyPlanting planting = planting(what.plant);
            return new Asked(Change.of(planting), planting.encode());
        }
        KekReference kek = Objects.requireNonNull(what.kek);
        var destruction = new KekDestruction(kek.tenant(), kek.version(), keyId(vault, kek));
        return new Asked(Change.of(destruction), destruction.encode());
    }

    private static DecoyPlanting planting(String what) throws ClientException {
        String[] parts = what.split(":", 2);
        byte[] salt = new byte[SALT_BYTES];
        new SecureRandom().nextBytes(salt);
        try {
            return new DecoyPlanting(
                    parts[0], parts.length == 2 ? parts[1] : "", HexFormat.of().formatHex(salt));
        } catch (IllegalArgumentException e) {
            throw ClientException.local(
                    "--plant: expected KIND:SUBJECT", "name it as: --plant model:acme/flagship-v2");
        }
    }

    private Asked asked(Step step, OwnKeyKind kind, int version)
            throws ClientException, IOException {
        if (version < 1) {
            throw ClientException.local(
                    "the vault's " + kind.label() + " key was never replaced",
                    "see: strongroom keys list");
        }
        var change = new OwnKeyChange(step, kind.label(), version, session.pin());
        return new Asked(Change.of(change), change.encode());
    }

    private static long touch(VaultConnection vault, String identity) throws ClientException {
        return vault
                .decoys()
                .listQuarantines(ListQuarantinesRequest.getDefaultInstance())
                .getQuarantinesList()
                .stream()
                .filter(quarantine -> quarantine.getIdentity().equals(identity))
                .map(Quarantine::getAuditLeaf)
                .findFirst()
                .orElseThrow(() ->
                        new ClientException(
                                ClientException.Kind.NOT_FOUND,
                                identity + " is not in quarantine",
                                "strongroom decoys quarantines"));
    }

    private static String keyId(VaultConnection vault, KekReference kek) throws ClientException {
        return vault
                .keys()
                .getKeyStatus(
                        GetKeyStatusRequest.newBuilder().setTenant(kek.tenant().value()).build())
                .getKeksList()
                .stream()
                .filter(found -> found.getVersion() == kek.version())
                .map(Kek::getKeyId)
                .findFirst()
                .orElseThrow(() ->
                        new ClientException(
                                ClientException.Kind.NOT_FOUND,
                                "there is no key-encryption key " + kek,
                                "strongroom keys status --tenant " + kek.tenant()));
    }
}
