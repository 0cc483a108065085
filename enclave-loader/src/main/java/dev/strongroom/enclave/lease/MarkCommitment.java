package dev.strongroom.enclave.lease;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.FingerprintCommitment;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import java.security.KeyPair;
import java.security.SignatureException;
import java.util.HexFormat;
import java.util.Map;

/**
 * Has the vault take this boot's commitment to its mark into the log, and believes it only when the
 * log proves it. The checkpoint need not be cosigned yet: the next renewal's continues it and is.
 */
public final class MarkCommitment {
    private MarkCommitment() {}

    /**
     * Commits; returns when the record is durable and covered by a signed checkpoint.
     *
     * @param commitment SHA-256 over the recipient's key
     * @return index of its leaf
     * @throws LeaseException if the vault refuses, does not answer or does not prove it
     */
    public static long commit(VaultLink vault, Grant grant, Digest commitment)
            throws LeaseException {
        Lease lease = grant.lease();
        LoggedRecord logged =
                LoggedRecord.of(
                        "fingerprint",
                        vault.commitFingerprint(
                                lease.model(), sign(grant, commitment), grant.tlsSpki()),
                        grant.vault(),
                        WitnessQuorum.NONE);
        boolean mine =
                logged.record().type().equals(AuditRecord.NODE_FINGERPRINTED)
                        && logged.record()
                                .differsIn(
                                        Map.of(
                                                "version-id",
                                                lease.versionId().hex(),
                                                "boot-id",
                                                HexFormat.of().formatHex(lease.bootId()),
                                                "release",
                                                Long.toString(lease.releaseLeaf()),
                                                "commitment",
                                                commitment.hex()))
                                .isEmpty();
        Integrity.require(mine, "fingerprint: the vault proved another record than was committed");
        return logged.index();
    }

    private static byte[] sign(Grant grant, Digest commitment) throws LeaseException {
        Lease lease = grant.lease();
        var key = new KeyPair(grant.tlsChain().getFirst().getPublicKey(), grant.tlsKey());
        try {
            return new FingerprintCommitment(
                            lease.bootId(),
                            lease.model(),
                            lease.versionId(),
                            lease.manifestDigest(),
                            lease.releaseLeaf(),
                            commitment)
                    .sign(P256.signer(key))
                    .encode();
        } catch (SignatureException e) {
            throw new LeaseException(
                    LeaseException.Kind.INTEGRITY, "fingerprint: this node's key does not sign", e);
        }
    }
}
