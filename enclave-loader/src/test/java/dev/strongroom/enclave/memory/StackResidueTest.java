package dev.strongroom.enclave.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** That the weights are gone from the stacks is shown where there are weights, by memory hunts. */
class StackResidueTest {
    private static final int FRAMES = 1500;

    @Test
    void theThreadGoesOnAfterwards() {
        for (int i = 0; i < 20_000; i++) { // interpreted at first, compiled at the end
            StackResidue.wipe();
        }

        assertThat(deep(FRAMES)).isEqualTo(FRAMES);
    }

    private static int deep(int frames) {
        return frames == 0 ? 0 : deep(frames - 1) + 1;
    }
}
