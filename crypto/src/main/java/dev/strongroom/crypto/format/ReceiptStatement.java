package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.security.SignatureException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * A node's word for the answers of a moment, signed by its attested TLS key: what it served them
 * from, and the root of an RFC 6962 tree whose leaves are the answers, each salted with 128 bits
 * that only its caller is given.
 *
 * @param bootId of the node process
 * @param seq of the lease in force
 * @param mark commitment to the mark in the node's copy of the weights, if it has one
 * @param outputPolicy digest of the output policy in force
 * @param releaseLeaf index of the release that the data key came with
 * @param auditLeaf index of the record of the lease in force
 * @param time by the node's clock, which its host sets
 * @param answers leaves of the tree
 */
public record ReceiptStatement(
        byte[] bootId,
        long seq,
        ModelName model,
        VersionId versionId,
        long versionNumber,
        Digest manifestDigest,
        Optional<Digest> mark,
        TrustLevel trustLevel,
        int kekVersion,
        Digest outputPolicy,
        long releaseLeaf,
        long auditLeaf,
        Instant time,
        int answers,
        Digest root) {
    public static final String PAYLOAD_TYPE = "application/vnd.strongroom.receipt.v1";

    /** Answers that one signature speaks for at most. */
    public static final int MAX_ANSWERS = 256;

    private static final int MAX_BYTES = 1024;
    private static final String DOMAIN = "strongroom/receipt";

    public ReceiptStatement {
        Strict.requireLength("boot id", bootId, Transcript.BOOT_ID_BYTES);
        Strict.requireRange("seq", seq, 1, Long.MAX_VALUE);
        Strict.requireRange("version number", versionNumber, 1, Long.MAX_VALUE);
        Strict.requireRange("kek version", kekVersion, 1, Integer.MAX_VALUE);
        Strict.requireRange("audit leaf", auditLeaf, 0, Long.MAX_VALUE);
        Strict.requireRange("release leaf", releaseLeaf, 0, auditLeaf);
        Strict.requireRange("answers", answers, 1, MAX_ANSWERS);
        time = time.truncatedTo(ChronoUnit.MILLIS);
    }

    /**
     * Signs with the node's attested TLS key.
     *
     * @throws SignatureException if the key does not sign
     */
    public Dsse sign(StatementSigner node) throws SignatureException {
        return Dsse.sign(PAYLOAD_TYPE, encode(), node);
    }

    /**
     * Checks that a node signed the statement.
     *
     * @param tlsSpki the key that the lease names
     */
    public static ReceiptStatement verify(Dsse envelope, byte[] tlsSpki)
            throws SealedFormatException {
        byte[] payload = envelope.verify(P256.publicKey(tlsSpki), PAYLOAD_TYPE);
        return Strict.read(payload, MAX_BYTES, DOMAIN, 1, ReceiptStatement::read);
    }

    public byte[] encode() {
        Canonical out = Canonical.of(DOMAIN, 1).bytes(bootId).u64(seq);
        return Statements.writeModel(out, model)
                .bytes(versionId.bytes())
                .u64(versionNumber)
                .bytes(manifestDigest.bytes())
                .bytes(mark.map(Digest::bytes).orElse(new byte[0]))
                .u8(trustLevel.number())
                .u32(kekVersion)
                .bytes(outputPolicy.bytes())
                .u64(releaseLeaf)
                .u64(auditLeaf)
                .u64(time.toEpochMilli())
                .u32(answers)
                .bytes(root.bytes())
                .toByteArray();
    }

    /** Why a lease is not the one that the answers were given under; empty when it is. */
    public Optional<String> objection(Lease lease) {
        boolean same =
                java.util.Arrays.equals(bootId, lease.bootId())
                        && seq == lease.seq()
                        && model.equals(lease.model())
                        && versionId.equals(lease.versionId())
                        && versionNumber == lease.versionNumber()
                        && manifestDigest.equals(lease.manifestDigest())
                        && trustLevel == lease.trustLevel()
                        && kekVersion == lease.kekVersion()
                        && releaseLeaf == lease.releaseLeaf()
                        && auditLeaf == lease.auditLeaf()
                        && lease.policies().stream()
                                .anyMatch(policy -> policy.digest().equals(outputPolicy));
        return same ? Optional.empty() : Optional.of("it is of another lease than the one shown");
    }

    private static ReceiptStatement read(CanonicalReader in) throws MalformedEncodingException {
        return new ReceiptStatement(
                in.fixed("boot id", Transcript.BOOT_ID_BYTES),
                in.u64("seq"),
                Statements.readModel(in),
                VersionId.of(in.fixed("version id", VersionId.BYTES)),
                in.u64("version number"),
                Statements.readDigest(in, "manifest digest"),
                readMark(in),
                TrustLevel.ofNumber(in.u8("trust level")),
                in.u32("kek version"),
                Statements.readDigest(in, "output policy"),
                in.u64("release leaf"),
                in.u64("audit leaf"),
                Instant.ofEpochMilli(in.u64("time")),
                in.u32("answers"),
                Statements.readDigest(in, "root"));
    }

    private static Optional<Digest> readMark(CanonicalReader in) throws MalformedEncodingException {
        byte[] mark = in.bytes("mark", Digest.BYTES);
        return mark.length == 0 ? Optional.empty() : Optional.of(Digest.of(mark));
    }
}
