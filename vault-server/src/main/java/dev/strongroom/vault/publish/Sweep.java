package dev.strongroom.vault.publish;

import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.ResealTable;
import dev.strongroom.vault.catalog.VersionTable;
import dev.strongroom.vault.store.ObjectStore;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects versions that were begun and never committed, and bytes that no version names: what a
 * crash, or a client that gave up, leaves. A version's row comes before its first byte and goes
 * after its last use, so what has no row is garbage at any moment.
 *
 * <p>Thread-safe.
 */
public final class Sweep implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Sweep.class);
    private static final Duration PERIOD = Duration.ofHours(1);

    private final Database database;
    private final ObjectStore store;
    private final Duration unfinishedAge;
    private final InstantSource clock;
    private final Thread timer;

    public Sweep(
            Database database, ObjectStore store, Duration unfinishedAge, InstantSource clock) {
        this.database = database;
        this.store = store;
        this.unfinishedAge = unfinishedAge;
        this.clock = clock;
        this.timer = Thread.ofVirtual().name("sweep").unstarted(this::runEveryHour);
    }

    /** Sweeps now, and from now on every hour. */
    public void start() throws IOException {
        run();
        timer.start();
    }

    private void runEveryHour() {
        try {
            while (true) {
                Thread.sleep(PERIOD);
                runOrLog();
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    /** One that fails is tried again in an hour. */
    private void runOrLog() {
        try {
            run();
        } catch (IOException | RuntimeException e) {
            LOG.atError().setCause(e).log("store.sweep-failed");
        }
    }

    void run() throws IOException {
        int versions =
                database.<Integer, RuntimeException>write(
                        handle -> deleteBefore(handle, clock.instant().minus(unfinishedAge)));
        int files =
                store.sweep(
                        version -> database.read(h -> isFilling(h, version)),
                        (tenant, digest) ->
                                database.read(h -> VersionTable.isReferenced(h, tenant, digest)));
        LOG.atInfo()
                .addKeyValue("versions", versions)
                .addKeyValue("files", files)
                .log("store.swept");
    }

    private static int deleteBefore(Handle handle, Instant limit) {
        return VersionTable.deleteUnfinishedBefore(handle, limit)
                + ResealTable.deleteBefore(handle, limit);
    }

    private static boolean isFilling(Handle handle, String version) {
        return VersionTable.isUnfinished(handle, version) || ResealTable.isOpen(handle, version);
    }

    @Override
    public void close() {
        timer.interrupt();
    }
}
