package dev.strongroom.enclave.lease;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews a node's lease well before its end: somewhere between two and three fifths of its time, or
 * when a quarter of its inferences is left. Nodes that were started together do not ask together.
 * What fails is tried again, sooner at first and never less than four times before the end; no
 * failure extends anything.
 *
 * <p>Thread-safe; a thread of its own renews. The owner closes it.
 */
public final class LeaseKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseKeeper.class);
    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final int MAX_DOUBLINGS = 9; // then eight and a half minutes
    private static final double EARLIEST = 0.4;
    private static final double LATEST = 0.6;

    /** Asks the vault. */
    @FunctionalInterface
    public interface Renewing {
        Grant renew(Grant current) throws LeaseException, IOException;
    }

    private final LeaseMeter meter;
    private final Renewing renewing;
    private final Consumer<Grant> renewed;
    private final RandomGenerator random;
    private final Semaphore news = new Semaphore(0);
    private final Thread thread;
    private Grant current;
    private volatile boolean closed;

    private LeaseKeeper(
            LeaseMeter meter,
            Grant first,
            Renewing renewing,
            Consumer<Grant> renewed,
            RandomGenerator random) {
        this.meter = meter;
        this.current = first;
        this.renewing = renewing;
        this.renewed = renewed;
        this.random = random;
        this.thread = Thread.ofPlatform().name("lease-keeper").daemon().unstarted(this::run);
    }

    /**
     * Begins.
     *
     * @param renewed gets every grant that takes the place of the one before, quickly
     */
    public static LeaseKeeper start(
            LeaseMeter meter,
            Grant first,
            Renewing renewing,
            Consumer<Grant> renewed,
            RandomGenerator random) {
        var keeper = new LeaseKeeper(meter, first, renewing, renewed, random);
        meter.whenLow(keeper::renewSoon);
        keeper.thread.start();
        return keeper;
    }

    /** Renews now; what needs it is not waited for. */
    public void renewSoon() {
        news.release();
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    private void run() {
        int failures = 0;
        try {
            while (await(pause(failures))) {
                failures = renew() ? 0 : failures + 1;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** False when there is nothing to keep any more. */
    private boolean await(Duration pause) throws InterruptedException {
        if (news.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS)) {
            news.drainPermits();
        }
        return !closed && meter.state() == LeaseMeter.State.OPEN;
    }

    private Duration pause(int failures) {
        long remaining = Math.max(meter.remaining().toMillis(), 0);
        if (failures == 0) {
            return atLeast(SHORTEST, (long) (remaining * random.nextDouble(EARLIEST, LATEST)));
        }
        long backoff = FIRST_RETRY.toMillis() << Math.min(failures - 1, MAX_DOUBLINGS);
        long jittered = (long) (backoff * random.nextDouble(0.5, 1.5));
        return atLeast(SHORTEST, Math.min(jittered, remaining / 4));
    }

    private static Duration atLeast(Duration least, long millis) {
        Duration wanted = Duration.ofMillis(millis);
        return wanted.compareTo(least) < 0 ? least : wanted;
    }

    private boolean renew() {
        try {
            Grant next = renewing.renew(current);
            if (!meter.renewed(next.lease(), next.askedNanos())) {
                return false; // it ended meanwhile, and stays ended
            }
            current = next;
            renewed.accept(next);
            LOG.info(
                    "lease.renewed seq={} not-after={} leaf={}",
                    next.lease().seq(),
                    next.lease().notAfter(),
                    next.lease().auditLeaf());
            return true;
        } catch (LeaseException | IOException | RuntimeException e) {
            LOG.warn(
                    "lease.not-renewed remaining-seconds={} {}",
                    meter.remaining().toSeconds(),
                    e.getMessage());
            return false;
        } catch (Error e) { // the next try may have what this one lacked
            LOG.error("lease.not-renewed {}", e.getClass().getName());
            return false;
        }
    }
}
