package dev.strongroom.ops;

import dev.strongroom.client.Administration;
import dev.strongroom.proto.v1.ListIdentitiesResponse;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "list", description = "List everybody a certificate was ever issued to.")
final class IdentityList implements Callable<Integer> {
    private final Session session;

    IdentityList(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            return session.print(
                    Answer.many(
                            "identities",
                            new Administration(vault, session.random())
                                    .identities().stream().map(IdentityList::row).toList()));
        }
    }

    private static Answer.Fields row(ListIdentitiesResponse.Identity identity) {
        return Answer.with("identity", identity.getIdentity())
                .with("group", identity.getGroup())
                .with("active", identity.getActiveCertificates())
                .with("withdrawn", identity.getWithdrawnCertificates());
    }
}
