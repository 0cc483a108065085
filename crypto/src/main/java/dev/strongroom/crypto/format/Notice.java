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
 * What the vault tells one boot of a node while its lease runs. Signed by the vault's signing key;
 * boot, stream and count make it good for one place in one conversation, so that no notice can be
 * kept back for another day or given to another node.
 *
 * @param bootId of the node process
 * @param stream 32 bytes that the node drew when it opened the stream
 * @param count of this stream, from 1 without gaps
 * @param time the vault's, to the millisecond: a lower bound of the time at which it is read
 */
public record Notice(byte[] bootId, byte[] stream, long count, Instant time, Message message) {
    public static final String PAYLOAD_TYPE = "application/vnd.strongroom.notice.v1";
    public static final int STREAM_BYTES = 32;

    /** Keys in one notice; more take several. */
    public static final int MAX_KEYS = 1024;

    /** Measures in one notice; more take several. */
    public static final int MAX_MEASURES = 256;

    public static final int MAX_RULE_BYTES = 64;
    public static final int MAX_REASON_BYTES = 512;
    private static final int MAX_BYTES = 64 * 1024;
    private static final String DOMAIN = "strongroom/notice";

    /** What is said. */
    public sealed interface Message {}

    /**
     * Nothing new; after the first of a stream all withdrawals so far were told, and all measures.
     */
    public record Tick() implements Message {}

    /**
     * Client certificates for these keys count no more.
     *
     * @param keys SHA-256 of their SubjectPublicKeyInfo
     */
    public record Withdrawn(List<Digest> keys) implements Message {
        public Withdrawn {
            Strict.requireRange("withdrawn keys", keys.size(), 1, MAX_KEYS);
            keys = List.copyOf(keys);
        }
    }

    /**
     * What holds against callers from now on, in place of what did before.
     *
     * @param more measures that the next notices have; the set is whole with 0
     */
    public record Measures(List<GuardMeasure> some, int more) implements Message {
        public Measures {
            Strict.requireAtMost("measures", some.size(), MAX_MEASURES);
            Strict.requireRange("further measures", more, 0, Integer.MAX_VALUE);
            some = List.copyOf(some);
        }
    }

    /**
     * An alias of the lease's model means another version: whoever goes by one asks which.
     *
     * @param auditLeaf of the model's last move
     */
    public record AliasMoved(long auditLeaf) implements Message {
        public AliasMoved {
            Strict.requireRange("audit leaf", auditLeaf, 0, Long.MAX_VALUE);
        }
    }

    /**
     * The lease counts no more: stop, overwrite, report.
     *
     * @param rule stable name, such as {@code revoked.model}
     * @param reason in the words of who revoked
     * @param auditLeaf of the revocation
     */
    public record Revoked(String rule, String reason, long auditLeaf) implements Message {
        public Revoked {
            Strict.requireMatch("rule", rule, "[a-z0-9.-]{1," + MAX_RULE_BYTES + "}");
            Strict.requireRange("audit leaf", auditLeaf, 0, Long.MAX_VALUE);
        }
    }

    private static final int TICK = 1;
    private static final int WITHDRAWN = 2;
    private static final int REVOKED = 3;
    private static final int MEASURES = 4;
    private static final int ALIAS_MOVED = 5;

    public Notice {
        Strict.requireLength("boot id", bootId, Transcript.BOOT_ID_BYTES);
        Strict.requireLength("stream", stream, STREAM_BYTES);
        Strict.requireRange("count", count, 1, Long.MAX_VALUE);
        time = time.truncatedTo(ChronoUnit.MILLIS);
    }

    public Dsse sign(StatementSigner vault) throws SignatureException {
        return Dsse.sign(PAYLOAD_TYPE, encode(), vault);
    }

    /**
     * Checks that the vault signed the notice. Whether it is the next of the caller's stream is for
     * the caller to compare.
     *
     * @param signingSpki the vault's, from its {@link VaultIdentity}
     */
    public static Notice verify(Dsse envelope, byte[] signingSpki) throws SealedFormatException {
        byte[] payload = envelope.verify(P256.publicKey(signingSpki), PAYLOAD_TYPE);
        return Strict.read(payload, MAX_BYTES, DOMAIN, 1, Notice::read);
    }

    public byte[] encode() {
        Canonical out =
                Canonical.of(DOMAIN, 1)
                        .bytes(bootId)
                        .bytes(stream)
                        .u64(count)
                        .u64(time.toEpochMilli());
        switch (message) {
            case Tick _ -> out.u8(TICK);
            case Withdrawn(List<Digest> keys) -> {
                out.u8(WITHDRAWN).u32(keys.size());
                keys.forEach(key -> out.bytes(key.bytes()));
            }
            case Measures(List<GuardMeasure> some, int more) -> {
                out.u8(MEASURES).u32(some.size());
                some.forEach(measure -> measure.write(out));
                out.u32(more);
            }
            case AliasMoved(long auditLeaf) -> out.u8(ALIAS_MOVED).u64(auditLeaf);
            case Revoked(String rule, String reason, long auditLeaf) ->
                    out.u8(REVOKED).text(rule).text(reason).u64(auditLeaf);
        }
        return out.toByteArray();
    }

    private static Notice read(CanonicalReader in) throws MalformedEncodingException {
        return new Notice(
                in.fixed("boot id", Transcript.BOOT_ID_BYTES),
                in.fixed("stream", STREAM_BYTES),
                in.u64("count"),
                Instant.ofEpochMilli(in.u64("time")),
                readMessage(in));
    }

    private static Message readMessage(CanonicalReader in) throws MalformedEncodingException {
        int kind = in.u8("kind");
        return switch (kind) {
            case TICK -> new Tick();
            case WITHDRAWN -> {
                int count = in.count("withdrawn keys", MAX_KEYS);
                var keys = new ArrayList<Digest>();
                for (int i = 0; i < count; i++) {
                    keys.add(Statements.readDigest(in, "key"));
                }
                yield new Withdrawn(keys);
            }
            case MEASURES -> {
                int count = in.count("measures", MAX_MEASURES);
                var measures = new ArrayList<GuardMeasure>();
                for (int i = 0; i < count; i++) {
                    measures.add(GuardMeasure.read(in));
                }
                yield new Measures(measures, in.u32("more"));
            }
            case REVOKED ->
                    new Revoked(
                            in.text("rule", MAX_RULE_BYTES),
                            in.text("reason", MAX_REASON_BYTES),
                            in.u64("audit leaf"));
            case ALIAS_MOVED -> new AliasMoved(in.u64("audit leaf"));
            default -> throw in.malformed("kind: unknown number " + kind);
        };
    }
}
