package dev.strongroom.vault;

import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.proto.v1.AdminGrpc;
import dev.strongroom.proto.v1.AuditGrpc;
import dev.strongroom.proto.v1.GetCheckpointRequest;
import dev.strongroom.proto.v1.GetVaultIdentityRequest;
import dev.strongroom.proto.v1.ListOwnKeysRequest;
import dev.strongroom.proto.v1.OwnKey;
import dev.strongroom.proto.v1.OwnKeysGrpc;
import dev.strongroom.proto.v1.RetireOwnKeyRequest;
import dev.strongroom.proto.v1.RotateOwnKeyRequest;
import io.grpc.ManagedChannel;
import java.util.List;

/** What an operator does with the vault's own keys. */
final class TestOwnKeys {
    private final TestVault vault;
    private final ManagedChannel channel;

    TestOwnKeys(TestVault vault) {
        this.vault = vault;
        this.channel = vault.connect(vault.operator);
    }

    private OwnKeysGrpc.OwnKeysBlockingStub keys() {
        return OwnKeysGrpc.newBlockingStub(channel);
    }

    int rotate(String key) {
        return keys().rotateOwnKey(RotateOwnKeyRequest.newBuilder().setKey(key).build())
                .getVersion();
    }

    void retire(String key) {
        var _ = keys().retireOwnKey(RetireOwnKeyRequest.newBuilder().setKey(key).build());
    }

    List<OwnKey> list(String key) {
        return keys().listOwnKeys(ListOwnKeysRequest.getDefaultInstance()).getKeysList().stream()
                .filter(version -> version.getKey().equals(key))
                .toList();
    }

    List<String> states(String key) {
        return list(key).stream().map(OwnKey::getState).toList();
    }

    int current(String key) {
        return list(key).getFirst().getVersion();
    }

    VaultIdentity identity() throws SealedFormatException {
        byte[] envelope =
                AdminGrpc.newBlockingStub(channel)
                        .getVaultIdentity(GetVaultIdentityRequest.getDefaultInstance())
                        .getVaultIdentity()
                        .toByteArray();
        return VaultIdentity.verify(Dsse.decode(envelope), vault.pin);
    }

    String checkpoint() {
        return AuditGrpc.newBlockingStub(channel)
                .getCheckpoint(GetCheckpointRequest.getDefaultInstance())
                .getCheckpoint();
    }
}
