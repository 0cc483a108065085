package dev.strongroom.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.PolicyReference.Kind;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A node that cannot serve a later version does not ask for its key at each look. */
class SetbackTest {
    private static final Setback.Attempt VERSION = attempt(1, 1);

    private long now;
    private final Setback setback = new Setback(() -> now);

    private static Setback.Attempt attempt(int manifest, long policy) {
        return new Setback.Attempt(
                Digest.sha256(new byte[] {(byte) manifest}),
                List.of(
                        new PolicyReference(
                                Kind.OUTPUT, "a".repeat(32), policy, Digest.sha256(new byte[8]))));
    }

    @Test
    void aDayOfLooksEachSecondAsksForTheKeyAFewTimes() {
        int tries = 0;
        for (int second = 0; second < Duration.ofDays(1).toSeconds(); second++) {
            if (setback.permits(VERSION)) {
                tries++;
                setback.failed(VERSION);
            }
            now += Duration.ofSeconds(1).toNanos();
        }
        assertThat(tries).isBetween(10, 13);
    }

    @Test
    void anotherSealOrPolicyIsTriedAtOnce() {
        assertThat(setback.failed(VERSION)).isEqualTo(Setback.FIRST_PAUSE);
        assertThat(setback.permits(VERSION)).isFalse();
        assertThat(setback.permits(attempt(2, 1))).isTrue();
        assertThat(setback.permits(attempt(1, 2))).isTrue();
        assertThat(setback.failed(attempt(1, 2))).isEqualTo(Setback.FIRST_PAUSE);
    }

    @Test
    void thePauseDoublesUpToItsEnd() {
        Duration pause = setback.failed(VERSION);
        for (int i = 0; i < 20; i++) {
            now += pause.toNanos() - 1;
            assertThat(setback.permits(VERSION)).isFalse();
            now++;
            assertThat(setback.permits(VERSION)).isTrue();
            pause = setback.failed(VERSION);
        }
        assertThat(pause).isEqualTo(Setback.LONGEST_PAUSE);
    }
}
