package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Connects to the vault only when the log's consistency must be proven. */
final class LazyVault implements ConsistencyProofs, AutoCloseable {
    private final NodeTarget target;
    private final List<VaultConnection> opened = new ArrayList<>();

    LazyVault(NodeTarget target) {
        this.target = target;
    }

    @Override
    public List<Digest> between(long fromSize, long toSize) throws ClientException {
        String address =
                target.vault()
                        .orElseThrow(() ->
                                ClientException.local(
                                        "the node's log entry is of another time than"
                                                + " what was seen; only the vault can"
                                                + " prove that the log continues",
                                        "give the vault's address with --addr"));
        try {
            var vault = VaultConnection.open(target.profile(), address);
            opened.add(vault);
            return vault.between(fromSize, toSize);
        } catch (IOException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL,
                    "the identity in " + target.profile().folder() + " cannot be read",
                    "create it again: strongroom identity create",
                    e);
        }
    }

    @Override
    public void close() {
        opened.forEach(VaultConnection::close);
    }
}
