package dev.strongroom.attestation.guest;

import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.Tee;

/**
 * The confidential guest that this process runs in: gives evidence for 64 bytes of one's choice.
 *
 * <p>Implementations are thread-safe.
 */
public interface Guest {
    int REPORT_DATA_BYTES = 64;

    /** What kind of hardware (or pretence of it) answers. */
    Tee tee();

    /**
     * Asks for evidence that speaks for {@code reportData} (64 bytes), with the endorsements that a
     * verifier needs as far as this machine has them.
     *
     * @throws GuestException if the platform gave none; trying again may help
     * @throws IllegalArgumentException unless {@code reportData} is 64 bytes
     */
    Evidence evidence(byte[] reportData) throws GuestException;
}
