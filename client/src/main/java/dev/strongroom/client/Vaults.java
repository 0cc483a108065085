package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.VaultIdentity;

/** Verifies which vault something comes from. */
final class Vaults {
    private Vaults() {}

    /** The vault's other keys, once the pinned key vouches for them and the world is ours. */
    static VaultIdentity verify(byte[] envelope, Digest pin, TrustAnchors anchors)
            throws ClientException {
        VaultIdentity identity =
                Checks.verified(
                        "the vault's identity",
                        "compare the pin with the fingerprint that the vault's operator has",
                        () -> VaultIdentity.verify(Dsse.decode(envelope), pin));
        Checks.require(
                identity.tee() == anchors.tee()
                        && identity.attestationRoot().equals(anchors.fingerprint()),
                "the vault serves under another attestation root: it says "
                        + identity.tee().label()
                        + ", this program believes "
                        + anchors.tee().label(),
                "use the command line of the vault's world: ./strongroom with a production vault,"
                        + " ./strongroom-sim with a simulated one");
        return identity;
    }
}
