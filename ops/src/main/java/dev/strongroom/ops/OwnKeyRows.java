package dev.strongroom.ops;

import dev.strongroom.client.VaultConnection;
import dev.strongroom.proto.v1.ListOwnKeysRequest;
import dev.strongroom.proto.v1.OwnKey;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;

/** The vault's own keys as they are shown. */
final class OwnKeyRows {
    private OwnKeyRows() {}

    static List<OwnKey> all(VaultConnection vault) {
        return vault.ownKeys().listOwnKeys(ListOwnKeysRequest.getDefaultInstance()).getKeysList();
    }

    static OwnKey current(VaultConnection vault, OwnKeyKind kind) {
        return all(vault).stream()
                .filter(key -> key.getKey().equals(kind.label()))
                .filter(key -> key.getState().equals("current"))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("a vault has each of its keys"));
    }

    static Answer.Fields row(OwnKey key) {
        return Answer.with("kind", key.getKey())
                .with("version", key.getVersion())
                .with("state", key.getState())
                .with("key_id", HexFormat.of().formatHex(key.getKeyId().toByteArray()))
                .with(
                        "since",
                        key.getSinceMillis() == 0
                                ? ""
                                : Instant.ofEpochMilli(key.getSinceMillis()).toString());
    }
}
