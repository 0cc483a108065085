package dev.strongroom.vault.access;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class PaceTest {
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    private final Pace pace = new Pace("rotations", 2, Duration.ofDays(1), now::get);

    @Test
    void refusesBeyondItsNumberUntilTheWindowEnds() throws Exception {
        pace.step("acme");
        pace.step("acme");
        assertThatThrownBy(() -> pace.step("acme"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("rotations of acme: at most 2")
                .extracting(e -> ((RefusedException) e).reason())
                .isEqualTo(Reason.TOO_MANY_REQUESTS);
        assertThatCode(() -> pace.step("other")).doesNotThrowAnyException();
        now.set(Instant.EPOCH.plus(Duration.ofDays(1)));
        assertThatCode(() -> pace.step("acme")).doesNotThrowAnyException();
    }
}
