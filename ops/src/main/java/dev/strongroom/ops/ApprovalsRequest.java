package dev.strongroom.ops;

import dev.strongroom.client.ApproverKey;
import dev.strongroom.client.ClientException;
import dev.strongroom.client.VaultConnection;
import dev.strongroom.crypto.format.ApprovalRequest;
import dev.strongroom.crypto.format.Change;
import dev.strongroom.crypto.format.KekDestruction;
import dev.strongroom.proto.v1.GetKeyStatusRequest;
import dev.strongroom.proto.v1.GetKeyStatusResponse.Kek;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "request",
        description = {
            "Ask the approvers to agree to the destruction of a key-encryption key. You sign with an",
            "approver's key, which does not count as an approval. A policy's approvers are asked by",
            "`policy set`."
        })
final class ApprovalsRequest implements Callable<Integer> {
    private final Session session;

    @Option(
            names = "--destroy",
            required = true,
            paramLabel = "TENANT/VERSION",
            converter = KekReference.Converter.class,
            description = "The key-encryption key to destroy, such as acme/3.")
    private KekReference kek;

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
            var destruction = new KekDestruction(kek.tenant(), kek.version(), keyId(vault));
            Change change = Change.of(destruction);
            var answer =
                    Answer.with("kind", change.kind().label()).with("subject", change.subject());
            if (!approver.dryRun) {
                ApprovalRequest request =
                        session.approvals(vault)
                                .ask(change, destruction.encode(), key, Duration.ofDays(validDays));
                answer.with("id", request.id()).with("not_after", request.notAfter().toString());
            }
            return session.print(
                    answer.with("key_id", destruction.keyId())
                            .with("document_digest", change.document().hex())
                            .with("requester", key.keyId().hex())
                            .one());
        }
    }

    private String keyId(VaultConnection vault) throws ClientException {
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
