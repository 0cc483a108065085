package dev.strongroom.enclave.posture;

import dev.strongroom.attestation.Posture;

/** Proof that {@link Fitness#check} found this process fit. Nothing else makes one. */
public final class Fit implements Fitness {
    private final Posture level;

    Fit(Posture level) {
        this.level = level;
    }

    /** The level to claim in evidence. */
    public Posture level() {
        return level;
    }
}
