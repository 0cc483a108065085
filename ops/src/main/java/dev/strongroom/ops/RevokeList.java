package dev.strongroom.ops;

import dev.strongroom.proto.v1.ListRevocationsRequest;
import dev.strongroom.proto.v1.ListRevocationsResponse.Revocation;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "list", description = "List what is revoked, by whom and why.")
final class RevokeList implements Callable<Integer> {
    private final Session session;

    RevokeList(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            return session.print(
                    Answer.many(
                            "revocations",
                            vault
                                    .admin()
                                    .listRevocations(ListRevocationsRequest.getDefaultInstance())
                                    .getRevocationsList()
                                    .stream()
                                    .map(RevokeList::row)
                                    .toList()));
        }
    }

    private static Answer.Fields row(Revocation revocation) {
        return Answer.with("kind", revocation.getTarget().getKind())
                .with("subject", revocation.getTarget().getSubject())
                .with("scope", revocation.getScope())
                .with("reason", revocation.getReason())
                .with("by", revocation.getRevokedBy())
                .with("at", Instant.ofEpochMilli(revocation.getRevokedAtMillis()).toString())
                .with("audit_leaf", revocation.getAuditLeaf());
    }
}
