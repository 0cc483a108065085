package dev.strongroom.crypto.custody.pkcs11;

import java.util.List;
import java.util.SequencedMap;

/**
 * What was done at a ceremony, step by step, for its witnesses to sign and to compare with.
 *
 * @param module name and version of the module
 * @param tokenSerial of the token that was used
 * @param standing what its keys are worth
 * @param steps in order
 */
public record CeremonyTranscript(
        String module, String tokenLabel, String tokenSerial, Standing standing, List<Step> steps) {
    /** What a token makes of a ceremony. */
    public enum Standing {
        /** Hardware: keys of level HSM_TRUSTED. */
        TRUSTED,
        /**
         * A software token goes through every step and gives none of the protection: it keeps what
         * a security officer makes in clear in its folder. Keys are of level SOFT_TOKEN.
         */
        REHEARSAL
    }

    /**
     * One thing done and checked.
     *
     * @param action what
     * @param object label of the key it was done to
     * @param id CKA_ID in hex, empty for a step without an object
     * @param verified what the token says of it, by name
     */
    public record Step(
            String action, String object, String id, SequencedMap<String, String> verified) {}

    public CeremonyTranscript {
        steps = List.copyOf(steps);
    }
}
