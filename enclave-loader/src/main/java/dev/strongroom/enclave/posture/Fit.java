package dev.strongroom.enclave.posture;

import dev.strongroom.attestation.Posture;
import java.util.List;

/** Proof that {@link Fitness#check} found this process fit. Nothing else makes one. */
public final class Fit implements Fitness {
    private final Posture level;
    private final List<String> remarks;

    Fit(Posture level, List<String> remarks) {
        this.level = level;
        this.remarks = List.copyOf(remarks);
    }

    /** The level to claim in evidence. */
    public Posture level() {
        return level;
    }

    /** What the level permits and an operator should still know. */
    public List<String> remarks() {
        return remarks;
    }
}
