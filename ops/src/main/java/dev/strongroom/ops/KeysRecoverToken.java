package dev.strongroom.ops;

import dev.strongroom.client.ClientException;
import dev.strongroom.proto.v1.RecoverTokenRequest;
import dev.strongroom.proto.v1.RecoverTokenResponse;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        name = "recover-token",
        description = {
            "Have the vault try once to get its lost token back (operators).",
            "It tries by itself, but not after a wrong PIN: correct the PIN file, then run this."
        })
final class KeysRecoverToken implements Callable<Integer> {
    private final Session session;

    KeysRecoverToken(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        RecoverTokenResponse token;
        try (var vault = session.connect()) {
            token = vault.keys().recoverToken(RecoverTokenRequest.getDefaultInstance());
        }
        if (!token.getState().equals("serving")) {
            throw new ClientException(
                    ClientException.Kind.CONFLICT,
                    "the token is "
                            + token.getState()
                            + " ("
                            + token.getReason()
                            + "): "
                            + token.getMessage(),
                    "put the cause right, then run the same command again");
        }
        return session.print(
                Answer.with("state", token.getState())
                        .with("audit_leaf", token.getAuditLeaf())
                        .one());
    }
}
