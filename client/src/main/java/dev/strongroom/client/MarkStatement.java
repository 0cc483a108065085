package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.FingerprintCommitment;
import dev.strongroom.crypto.format.SealedFormatException;
import java.util.Base64;
import java.util.HexFormat;

/**
 * A node's own word for its mark, as a leaf of the log holds it: signed with the TLS key that was
 * attested for the release. Without it a vault could name anybody's node.
 */
final class MarkStatement {
    private static final String NEXT = "name nobody by it, and keep the log: it accuses the vault";

    private final AuditTrail.Leaf leaf;
    private final FingerprintCommitment said;
    private final Digest tlsKey;

    private MarkStatement(AuditTrail.Leaf leaf, FingerprintCommitment said, Digest tlsKey) {
        this.leaf = leaf;
        this.said = said;
        this.tlsKey = tlsKey;
    }

    /**
     * Checks the signature, and that the record says what was signed.
     *
     * @throws ClientException if either is not so
     */
    static MarkStatement of(AuditTrail.Leaf mark) throws ClientException {
        AuditRecord record = mark.record();
        try {
            byte[] spki = bytes(record, "tls-spki");
            var said = FingerprintCommitment.verify(Dsse.decode(bytes(record, "statement")), spki);
            boolean same =
                    field(record, "boot-id").equals(HexFormat.of().formatHex(said.bootId()))
                            && field(record, "version-id").equals(said.versionId().hex())
                            && field(record, "commitment").equals(said.commitment().hex())
                            && field(record, "release").equals(Long.toString(said.releaseLeaf()));
            Checks.require(same, where(mark) + " says other things than the node signed", NEXT);
            return new MarkStatement(mark, said, Digest.sha256(spki));
        } catch (SealedFormatException | IllegalArgumentException e) {
            throw ClientException.unverified(
                    where(mark) + " has no signature of a node: " + e.getMessage(), NEXT);
        }
    }

    /** Index of the release that a mark names; refused when it names none. */
    static long release(AuditTrail.Leaf mark) throws ClientException {
        String release = field(mark.record(), "release");
        Checks.require(release.matches("[0-9]{1,18}"), where(mark) + " names no release", NEXT);
        return Long.parseLong(release);
    }

    /**
     * Checks that the key which signed is the one that was attested.
     *
     * @param release proved to be in the log
     */
    void verify(AuditTrail.Leaf release) throws ClientException {
        AuditRecord record = release.record();
        boolean attested =
                record.type().equals(AuditRecord.KEY_RELEASED)
                        && release.index() == said.releaseLeaf()
                        && record.actor().equals(leaf.record().actor())
                        && field(record, "boot-id").equals(field(leaf.record(), "boot-id"))
                        && field(record, "version-id").equals(said.versionId().hex())
                        && field(record, "tls-key").equals(tlsKey.hex());
        Checks.require(
                attested,
                where(leaf) + " is signed by another key than leaf " + release.index() + " attests",
                NEXT);
    }

    private static byte[] bytes(AuditRecord record, String name) {
        return Base64.getDecoder().decode(field(record, name));
    }

    private static String field(AuditRecord record, String name) {
        return record.fields().getOrDefault(name, "");
    }

    private static String where(AuditTrail.Leaf leaf) {
        return "leaf " + leaf.index();
    }
}
