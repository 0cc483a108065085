package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.security.SignatureException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * A node's word that it answers no more and has overwritten what it held open, signed by the TLS
 * key that its evidence spoke for. It says what could not be overwritten as well.
 *
 * @param bootId of the node process
 * @param seq of the lease that ended
 * @param releaseLeaf index of the release that the data key came with
 * @param rule why, as the node's last refusals name it: {@code lease.expired}, {@code
 *     lease.used-up}, {@code node.stopped} or the rule of a revocation
 * @param time by the node's clock, which its host sets
 * @param inferences that this boot answered
 * @param wipedBytes of protected memory, overwritten with zeros and read back
 * @param remains what was freed and not overwritten, one sentence each
 */
public record Zeroisation(
        byte[] bootId,
        long seq,
        ModelName model,
        VersionId versionId,
        Digest manifestDigest,
        long releaseLeaf,
        String rule,
        Instant time,
        long inferences,
        long wipedBytes,
        List<String> remains) {
    public static final String PAYLOAD_TYPE = "application/vnd.strongroom.zeroisation.v1";
    private static final int MAX_REMAINS = 8;
    private static final int MAX_REMAINS_BYTES = 200;
    private static final int MAX_BYTES = 2560; // it is kept in a field of an audit record
    private static final String DOMAIN = "strongroom/zeroisation";

    public Zeroisation {
        Strict.requireLength("boot id", bootId, Transcript.BOOT_ID_BYTES);
        Strict.requireRange("seq", seq, 1, Long.MAX_VALUE);
        Strict.requireRange("release leaf", releaseLeaf, 0, Long.MAX_VALUE);
        Strict.requireMatch("rule", rule, "[a-z0-9.-]{1," + Notice.MAX_RULE_BYTES + "}");
        Strict.requireRange("inferences", inferences, 0, Long.MAX_VALUE);
        Strict.requireRange("wiped bytes", wipedBytes, 0, Long.MAX_VALUE);
        Strict.requireAtMost("remains", remains.size(), MAX_REMAINS);
        time = time.truncatedTo(ChronoUnit.MILLIS);
        remains = List.copyOf(remains);
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
     * @param tlsSpki the key that the log names for the node's release
     */
    public static Zeroisation verify(Dsse envelope, byte[] tlsSpki) throws SealedFormatException {
        byte[] payload = envelope.verify(P256.publicKey(tlsSpki), PAYLOAD_TYPE);
        return Strict.read(payload, MAX_BYTES, DOMAIN, 1, Zeroisation::read);
    }

    public byte[] encode() {
        Canonical out = Canonical.of(DOMAIN, 1).bytes(bootId).u64(seq);
        Statements.writeModel(out, model)
                .bytes(versionId.bytes())
                .bytes(manifestDigest.bytes())
                .u64(releaseLeaf)
                .text(rule)
                .u64(time.toEpochMilli())
                .u64(inferences)
                .u64(wipedBytes)
                .u32(remains.size());
        remains.forEach(out::text);
        return out.toByteArray();
    }

    private static Zeroisation read(CanonicalReader in) throws MalformedEncodingException {
        return new Zeroisation(
                in.fixed("boot id", Transcript.BOOT_ID_BYTES),
                in.u64("seq"),
                Statements.readModel(in),
                VersionId.of(in.fixed("version id", VersionId.BYTES)),
                Statements.readDigest(in, "manifest digest"),
                in.u64("release leaf"),
                in.text("rule", Notice.MAX_RULE_BYTES),
                Instant.ofEpochMilli(in.u64("time")),
                in.u64("inferences"),
                in.u64("wiped bytes"),
                readRemains(in));
    }

    private static List<String> readRemains(CanonicalReader in) throws MalformedEncodingException {
        int count = in.count("remains", MAX_REMAINS);
        var remains = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            remains.add(in.text("remains", MAX_REMAINS_BYTES));
        }
        return remains;
    }
}
