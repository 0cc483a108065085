package dev.strongroom.enclave.posture;

import dev.strongroom.attestation.Posture;
import java.util.List;

/** Proof that {@link Fitness#reach} found this process fit. Nothing else makes one. */
public final class Fit implements Fitness {
    private final Posture level;
    private final List<Condition> conditions;
    private final List<String> remarks;

    Fit(Posture level, List<Condition> conditions, List<String> remarks) {
        this.level = level;
        this.conditions = List.copyOf(conditions);
        this.remarks = List.copyOf(remarks);
    }

    /** The level to claim in evidence. */
    public Posture level() {
        return level;
    }

    @Override
    public List<Condition> conditions() {
        return conditions;
    }

    /** What the level permits and an operator should still know. */
    public List<String> remarks() {
        return remarks;
    }
}
