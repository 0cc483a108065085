package dev.strongroom.vault.admin;

import dev.strongroom.crypto.custody.KeyCustodian;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the token while nobody calls, so that a loss is noticed, and recovered from, before
 * the next caller meets it.
 */
public final class TokenWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TokenWatch.class);
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    private final KeyCustodian custodian;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("token-watch").factory());

    private TokenWatch(KeyCustodian custodian) {
        this.custodian = custodian;
    }

    public static TokenWatch start(KeyCustodian custodian) {
        var watch = new TokenWatch(custodian);
        var _ =
                watch.timer.scheduleWithFixedDelay(
                        watch::look, INTERVAL.toSeconds(), INTERVAL.toSeconds(), TimeUnit.SECONDS);
        return watch;
    }

    private void look() {
        try {
            custodian.check();
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).log("token.watch-failed");
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
