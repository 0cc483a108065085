package dev.strongroom.enclave.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.guest.Guest;
import dev.strongroom.attestation.guest.GuestException;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A flood of clients' requests does not keep a renewal from its evidence. */
@Timeout(60)
class GuestLanesTest {
    private static final byte CLIENT = 1;
    private static final byte RENEWAL = 2;

    private final Semaphore reports = new Semaphore(0);
    private final CountDownLatch asked = new CountDownLatch(1);
    private final ConcurrentLinkedQueue<Byte> order = new ConcurrentLinkedQueue<>();
    private final AtomicInteger together = new AtomicInteger();

    /** Makes a report when the test says so, and one at a time. */
    private final Guest slow =
            new Guest() {
                @Override
                public Tee tee() {
                    return Tee.SIMULATED;
                }

                @Override
                public Evidence evidence(byte[] reportData) {
                    assertThat(together.incrementAndGet()).isEqualTo(1);
                    order.add(reportData[0]);
                    asked.countDown();
                    reports.acquireUninterruptibly();
                    together.decrementAndGet();
                    return new Evidence(Evidence.Format.SNP_REPORT, new byte[1], List.of());
                }
            };

    @Test
    void aRenewalWaitsForOneReportAtMost() throws Exception {
        var lanes = new GuestLanes(slow, System::nanoTime);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 200; i++) {
                var _ = threads.submit(() -> ask(lanes.clients(), CLIENT));
            }
            assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
            var renewal = threads.submit(() -> ask(lanes.renewals(), RENEWAL));
            while (!lanes.renewalWaits()) {
                Thread.onSpinWait();
            }
            reports.release(2); // the one under way and the next
            assertThat(renewal.get(20, TimeUnit.SECONDS)).isTrue();
            assertThat(order).startsWith(CLIENT, RENEWAL);
            reports.release(200);
            threads.shutdownNow();
        }
    }

    @Test
    void clientsKeepAPaceThatLeavesThePlatformRoom() throws Exception {
        var lanes = new GuestLanes(slow, System::nanoTime);
        reports.release(3);
        long start = System.nanoTime();
        for (int i = 0; i < 3; i++) {
            ask(lanes.clients(), CLIENT);
        }
        assertThat(System.nanoTime() - start)
                .isGreaterThanOrEqualTo(GuestLanes.PACE.multipliedBy(2).toNanos());
    }

    private static boolean ask(Guest lane, byte who) throws GuestException {
        byte[] reportData = new byte[Guest.REPORT_DATA_BYTES];
        reportData[0] = who;
        return lane.evidence(reportData).document().length == 1;
    }
}
