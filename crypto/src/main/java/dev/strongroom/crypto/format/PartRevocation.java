package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.nio.charset.StandardCharsets;
import java.security.SignatureException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/**
 * The owner tells an agent to release nothing more for a version, to a chip or to a measurement. It
 * cannot be taken back, so that whoever replays one changes nothing.
 *
 * @param agent SHA-256 of the agent's TLS key
 * @param subject a version id or what the evidence says of chip or measurement, lower-case hex
 * @param reason free text for the agent's log
 * @param createdAt to the millisecond
 */
public record PartRevocation(
        Digest agent, Digest ownerId, Kind kind, String subject, String reason, Instant createdAt) {
    public static final String PAYLOAD_TYPE = "application/vnd.strongroom.part-revocation.v1";
    public static final int MAX_REASON_BYTES = 512;

    /** The largest envelope. */
    public static final int MAX_BYTES = 2 * 1024;

    private static final int MAX_SUBJECT_BYTES = 256;
    private static final String DOMAIN = "strongroom/part-revocation";

    /** What is revoked. */
    public enum Kind {
        VERSION(1),
        /** The machine that a node runs on. */
        CHIP(2),
        /** The image that a node was launched from. */
        MEASUREMENT(3);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        /** Stable name, as commands and records spell it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Kind ofNumber(int number) {
            for (Kind kind : values()) {
                if (kind.number == number) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("revocation kind: unknown number " + number);
        }
    }

    public PartRevocation {
        createdAt = createdAt.truncatedTo(ChronoUnit.MILLIS);
        Strict.requireMatch("subject", subject, "[0-9a-z-]{1,256}");
        Strict.requireAtMost(
                "reason", reason.getBytes(StandardCharsets.UTF_8).length, MAX_REASON_BYTES);
        if (kind == Kind.VERSION) {
            Strict.requireMatch("version id", subject, "[0-9a-f]{32}");
        }
    }

    /** Signs it as the owner. */
    public Dsse sign(StatementSigner owner) throws SignatureException {
        return Dsse.sign(PAYLOAD_TYPE, encode(), owner);
    }

    public byte[] encode() {
        return Canonical.of(DOMAIN, 1)
                .bytes(agent.bytes())
                .bytes(ownerId.bytes())
                .u8(kind.number)
                .text(subject)
                .text(reason)
                .u64(createdAt.toEpochMilli())
                .toByteArray();
    }

    /**
     * Reads a revocation that the owner signed.
     *
     * @param ownerSpki the key whose SHA-256 is the owner id
     * @throws SealedFormatException when it is another's, or not of this form
     */
    public static PartRevocation verify(Dsse signed, Digest ownerId, byte[] ownerSpki)
            throws SealedFormatException {
        if (!P256.keyId(ownerSpki).equals(ownerId)) {
            throw new SealedFormatException("revocation: expected a key of owner " + ownerId);
        }
        PartRevocation revocation = decode(signed.verify(P256.publicKey(ownerSpki), PAYLOAD_TYPE));
        if (!revocation.ownerId().equals(ownerId)) {
            throw new SealedFormatException("revocation: expected owner " + ownerId);
        }
        return revocation;
    }

    static PartRevocation decode(byte[] payload) throws SealedFormatException {
        return Strict.read(payload, MAX_BYTES, DOMAIN, 1, PartRevocation::read);
    }

    private static PartRevocation read(CanonicalReader in) throws MalformedEncodingException {
        return new PartRevocation(
                Statements.readDigest(in, "agent"),
                Statements.readDigest(in, "owner id"),
                Kind.ofNumber(in.u8("kind")),
                in.text("subject", MAX_SUBJECT_BYTES),
                in.text("reason", MAX_REASON_BYTES),
                Instant.ofEpochMilli(in.u64("created at")));
    }
}
