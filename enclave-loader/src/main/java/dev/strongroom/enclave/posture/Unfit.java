package dev.strongroom.enclave.posture;

import java.util.List;

/**
 * This process must not hold plaintext.
 *
 * @param conditions those that are met as well
 */
public record Unfit(List<Condition> conditions) implements Fitness {
    public Unfit {
        conditions = List.copyOf(conditions);
    }

    /** Every fault found, each with what to do about it. */
    public List<String> reasons() {
        return conditions.stream()
                .filter(condition -> !condition.met())
                .map(Condition::fault)
                .toList();
    }
}
