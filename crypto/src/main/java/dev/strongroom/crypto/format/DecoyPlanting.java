package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;

/**
 * Says what is to become a decoy: what approvers read and agree to. What others see of it is a
 * digest, which a salt keeps from being guessed.
 *
 * @param kind model, key, credential or method
 * @param subject {@code tenant/name}, {@code tenant/name:NUMBER}, an identity's URI or a method's
 *     full name
 * @param salt 32 hex digits, drawn for this one
 */
public record DecoyPlanting(String kind, String subject, String salt) {
    private static final int MAX_BYTES = 1024;
    private static final int MAX_KIND_BYTES = 16;
    private static final int MAX_SUBJECT_BYTES = 256;
    private static final int SALT_DIGITS = 32;
    private static final int NAME_DIGITS = 16;
    private static final String DOMAIN = "strongroom/decoy-planting";

    public DecoyPlanting {
        Strict.requireMatch("kind", kind, "[a-z]{1," + MAX_KIND_BYTES + "}");
        Strict.requireMatch("subject", subject, "[\\x21-\\x7e]{1," + MAX_SUBJECT_BYTES + "}");
        Strict.requireMatch("salt", salt, "[0-9a-f]{" + SALT_DIGITS + "}");
    }

    /** Tells this planting from others, and nobody what it is about. */
    String name() {
        return "decoy/" + Digest.sha256(encode()).hex().substring(0, NAME_DIGITS);
    }

    public byte[] encode() {
        return Canonical.of(DOMAIN, 1).text(kind).text(subject).text(salt).toByteArray();
    }

    public static DecoyPlanting decode(byte[] encoded) throws SealedFormatException {
        return Strict.read(
                encoded,
                MAX_BYTES,
                DOMAIN,
                1,
                in ->
                        new DecoyPlanting(
                                in.text("kind", MAX_KIND_BYTES),
                                in.text("subject", MAX_SUBJECT_BYTES),
                                in.text("salt", SALT_DIGITS)));
    }
}
