package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;

/**
 * Says which of a vault's own keys is to be replaced, or to end for good: what approvers read and
 * agree to.
 *
 * @param key label of the key: signing or ca
 * @param version the one that is to be made, or to be retired
 * @param vault fingerprint of the vault's ceremony key
 */
public record OwnKeyChange(Step step, String key, int version, Digest vault) {
    private static final int MAX_BYTES = 256;
    private static final int MAX_KEY_BYTES = 32;
    private static final String DOMAIN = "strongroom/own-key-change";

    /** What is done. */
    public enum Step {
        /** The version is made and put in force. */
        ROTATE(1),
        /** The version is destroyed, and what only it vouches for counts no more. */
        RETIRE(2);

        private final int number;

        Step(int number) {
            this.number = number;
        }

        /** The word in subjects and commands. */
        public String label() {
            return switch (this) {
                case ROTATE -> "rotate";
                case RETIRE -> "retire";
            };
        }

        private static Step ofNumber(int number) {
            for (Step step : values()) {
                if (step.number == number) {
                    return step;
                }
            }
            throw new IllegalArgumentException("own key change: unknown step " + number);
        }
    }

    public OwnKeyChange {
        Strict.requireMatch("own key", key, "[a-z]{1," + MAX_KEY_BYTES + "}");
        Strict.requireRange("own key version", version, 1, Integer.MAX_VALUE);
    }

    public byte[] encode() {
        return Canonical.of(DOMAIN, 1)
                .u8(step.number)
                .text(key)
                .u32(version)
                .bytes(vault.bytes())
                .toByteArray();
    }

    public static OwnKeyChange decode(byte[] encoded) throws SealedFormatException {
        return Strict.read(
                encoded,
                MAX_BYTES,
                DOMAIN,
                1,
                in ->
                        new OwnKeyChange(
                                Step.ofNumber(in.u8("step")),
                                in.text("key", MAX_KEY_BYTES),
                                in.u32("version"),
                                Statements.readDigest(in, "vault")));
    }
}
