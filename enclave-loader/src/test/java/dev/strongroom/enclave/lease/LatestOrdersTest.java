package dev.strongroom.enclave.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.format.GuardMeasure;
import dev.strongroom.enclave.lease.LatestOrders.Way;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Somebody who holds messages back makes no order older than it is. */
class LatestOrdersTest {
    private static final Instant AT = Instant.parse("2026-11-22T12:00:00Z");
    private static final List<GuardMeasure> SUSPENDED =
            List.of(
                    new GuardMeasure(
                            GuardMeasure.Whose.PRINCIPAL,
                            "acme/consumer/eve",
                            GuardMeasure.Step.SUSPEND,
                            1));
    private static final List<GuardMeasure> LAX =
            List.of(
                    new GuardMeasure(
                            GuardMeasure.Whose.PRINCIPAL,
                            "acme/consumer/eve",
                            GuardMeasure.Step.THROTTLE,
                            1));

    private final List<List<GuardMeasure>> inForce = new ArrayList<>();
    private final LatestOrders orders = new LatestOrders(inForce::add);

    @Test
    void aRenewalsAnswerThatWasHeldBackDoesNotUndoWhatTheStreamSaid() {
        orders.hear(Way.STREAM, AT.plusMillis(1), SUSPENDED);
        orders.hear(Way.RENEWAL, AT, LAX);
        orders.hear(Way.RENEWAL, AT.plusMillis(1), LAX);
        assertThat(inForce).containsExactly(SUSPENDED);
        orders.hear(Way.RENEWAL, AT.plusMillis(2), LAX);
        assertThat(inForce).containsExactly(SUSPENDED, LAX);
    }

    @Test
    void aNoticeThatWasHeldBackDoesNotUndoWhatARenewalBrought() {
        orders.hear(Way.RENEWAL, AT.plusMillis(1), SUSPENDED);
        orders.hear(Way.STREAM, AT, LAX);
        assertThat(inForce).containsExactly(SUSPENDED);
        orders.hear(Way.STREAM, AT.plusMillis(1), LAX);
        assertThat(inForce).containsExactly(SUSPENDED, LAX);
    }

    /** A vault whose clock was turned back is still heard. */
    @Test
    void aStreamIsInItsOwnOrder() {
        orders.hear(Way.STREAM, AT, LAX);
        orders.hear(Way.STREAM, AT.minusSeconds(3600), SUSPENDED);
        assertThat(inForce).containsExactly(LAX, SUSPENDED);
    }
}
