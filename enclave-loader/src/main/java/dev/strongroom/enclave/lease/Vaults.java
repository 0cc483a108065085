package dev.strongroom.enclave.lease;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.VaultIdentity;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;

/** Who the vault is: what it shows of itself, under the pin. */
final class Vaults {
    private Vaults() {}

    /** The identity that the pinned ceremony key signed, of this node's world and CA. */
    static VaultIdentity identity(
            ByteString envelope, Digest pin, TrustAnchors anchors, VaultLink vault)
            throws LeaseException {
        VaultIdentity identity =
                Integrity.verified(
                        "vault identity",
                        () -> VaultIdentity.verify(Dsse.decode(envelope.toByteArray()), pin));
        Integrity.require(
                identity.tee() == anchors.tee()
                        && identity.attestationRoot().equals(anchors.fingerprint()),
                "vault identity: it believes other attestation roots than this node ("
                        + identity.tee().label()
                        + ", this node "
                        + anchors.tee().label()
                        + "); use the launcher of the vault's world");
        try {
            boolean configured = false;
            for (X509Certificate authority : vault.authorities()) {
                configured |= identity.hasAuthority(authority.getEncoded());
            }
            Integrity.require(configured, "vault identity: its CA is not the configured one");
        } catch (CertificateEncodingException e) {
            throw new LeaseException(
                    LeaseException.Kind.INTEGRITY, "configured CA: not a certificate", e);
        }
        return identity;
    }
}
