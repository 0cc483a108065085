package dev.strongroom.attestation;

/**
 * Names one revision of an owner-signed policy document.
 *
 * @param kind what the document rules
 * @param id 128-bit lower-case hex
 * @param seq revision, counted from 1
 * @param digest SHA-256 of the signed document
 */
public record PolicyReference(Kind kind, String id, long seq, Digest digest) {
    public enum Kind {
        RELEASE(1),
        OUTPUT(2);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        public int number() {
            return number;
        }
    }

    public PolicyReference {
        if (!id.matches("[0-9a-f]{32}")) {
            throw new IllegalArgumentException("policy id: expected 32 lower-case hex digits");
        }
        if (seq < 1) {
            throw new IllegalArgumentException("policy seq: " + seq + " (expected: > 0)");
        }
    }
}
