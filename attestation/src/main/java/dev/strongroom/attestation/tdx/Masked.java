package dev.strongroom.attestation.tdx;

/** Fields of which only some bits count. */
final class Masked {
    private Masked() {}

    /** Whether {@code actual} is {@code expected} wherever {@code mask} has a one. */
    static boolean matches(byte[] actual, byte[] expected, byte[] mask) {
        for (int i = 0; i < mask.length; i++) {
            if ((actual[i] & mask[i] & 0xff) != (expected[i] & 0xff)) {
                return false;
            }
        }
        return true;
    }
}
