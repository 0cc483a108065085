package dev.strongroom.vault.decoy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.vault.catalog.DecoyTable;

/**
 * One decoy. Its id is a commitment to the rest, salted, so that a log that names it says nothing
 * of what it is.
 *
 * @param subject as operators name it: {@code tenant/name}, {@code tenant/name:NUMBER}, an identity
 *     or {@code package.Service/Method}
 * @param mark what a request carries that touches it: for a key the version id in hex, else the
 *     subject
 */
public record Decoy(String id, DecoyKind kind, String subject, String mark) {
    static final int SALT_BYTES = 16;
    private static final String DOMAIN = "strongroom/decoy";

    static Decoy of(DecoyKind kind, String subject, String mark, byte[] salt) {
        byte[] said =
                Canonical.of(DOMAIN, 1)
                        .bytes(salt)
                        .text(kind.label())
                        .text(subject)
                        .text(mark)
                        .toByteArray();
        return new Decoy(Digest.sha256(said).hex(), kind, subject, mark);
    }

    DecoyTable.Row row(byte[] salt) {
        return new DecoyTable.Row(id, kind.label(), subject, mark, salt);
    }
}
