package dev.strongroom.enclave.posture;

import java.util.List;

/**
 * This process must not hold plaintext.
 *
 * @param reasons every fault found, each with what to do about it
 */
public record Unfit(List<String> reasons) implements Fitness {
    public Unfit {
        reasons = List.copyOf(reasons);
    }
}
