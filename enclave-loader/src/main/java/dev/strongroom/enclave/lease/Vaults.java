package dev.strongroom.enclave.lease;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.VaultIdentity;
import java.io.IOException;

/** Who the vault is: what it shows of itself, under the pin. */
final class Vaults {
    private Vaults() {}

    /**
     * The identity that the pinned ceremony key signed, of this node's world, not older than one
     * that it saw. From then on the authorities it names speak for the vault.
     */
    static VaultIdentity identity(
            ByteString envelope,
            Digest pin,
            TrustAnchors anchors,
            NodeMemory memory,
            VaultLink vault)
            throws LeaseException, IOException {
        VaultIdentity identity =
                Integrity.verified(
                        "vault",
                        () -> VaultIdentity.verify(Dsse.decode(envelope.toByteArray()), pin));
        Integrity.require(
                identity.tee() == anchors.tee()
                        && identity.attestationRoot().equals(anchors.fingerprint()),
                "vault identity: it believes other attestation roots than this node ("
                        + identity.tee().label()
                        + ", this node "
                        + anchors.tee().label()
                        + "); use the launcher of the vault's world");
        memory.requireIdentity(identity, envelope.toByteArray());
        vault.follow(identity);
        return identity;
    }
}
