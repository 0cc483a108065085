package dev.strongroom.vault.rotation;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.vault.access.Foreground;
import dev.strongroom.vault.access.Pace;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.KekTable;
import dev.strongroom.vault.catalog.RotationTable;
import dev.strongroom.vault.catalog.RotationTable.Rotation;
import dev.strongroom.vault.catalog.RotationTable.State;
import dev.strongroom.vault.catalog.TenantTable;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReentrantLock;
import org.jdbi.v3.core.Handle;

/**
 * Rotations of key-encryption keys, in the background, at most one per tenant. Each re-wraps every
 * data key of its tenant under a new key while releases go on, since every record names the key it
 * is under and a retired key still opens what it wrapped. What was running when the vault ended
 * goes on when it starts.
 *
 * <p>Thread-safe.
 */
public final class Rotations implements AutoCloseable {
    /**
     * How far a rotation is.
     *
     * @param recordsPerSecond of the run that is under way; 0 when none is
     * @param trouble what keeps it from going on at the moment; it tries again by itself
     */
    public record Progress(Rotation rotation, double recordsPerSecond, Optional<String> trouble) {
        /** Time that is left at the present rate, if there is one. */
        public Optional<Duration> remaining() {
            long left = Math.max(0, rotation.total() - rotation.moved());
            return rotation.state() == State.RUNNING && recordsPerSecond > 0
                    ? Optional.of(Duration.ofMillis((long) (1000 * left / recordsPerSecond)))
                    : Optional.empty();
        }
    }

    /** What a rotation would do. */
    public record Plan(int from, int to, long records) {}

    private static final int A_DAY = 64; // each is a key that stays until it is destroyed

    private final Resources resources;
    private final Planning planning;
    private final RotationRuns runs;
    private final EmptiedKeys emptied;
    private final Pace pace;
    private final ReentrantLock deciding = new ReentrantLock();

    /**
     * Rotations of any tenant's key.
     *
     * @param batch records moved at a time; one audit record names them all
     * @param foreground the calls that a rotation with a share of the token gives way to
     */
    public Rotations(
            Database database,
            AuditLog log,
            KeyCustodian custodian,
            int batch,
            Foreground foreground,
            InstantSource clock) {
        this.resources = new Resources(database, log, custodian, batch, foreground, clock);
        this.planning = new Planning(resources);
        this.runs = new RotationRuns(resources);
        this.emptied = new EmptiedKeys(resources, runs);
        this.pace = new Pace("rotations", A_DAY, Duration.ofDays(1), clock);
    }

    /** The calls that rotations give way to. */
    public Foreground foreground() {
        return resources.foreground();
    }

    /** Goes on with every rotation that was running when the vault ended. */
    public void resumeAll() {
        deciding.lock();
        try {
            resources.database().read(RotationTable::running).forEach(runs::begin);
        } finally {
            deciding.unlock();
        }
    }

    /**
     * What {@link #start} would do now, or go on with.
     *
     * @throws RefusedException as {@link #start}
     */
    public Plan plan(TenantName tenant, int sharePercent)
            throws RefusedException, CustodyException {
        requireShare(sharePercent);
        requireTenant(tenant);
        Optional<Rotation> latest = latest(tenant);
        requireNonePaused(latest);
        if (latest.isPresent() && latest.get().state() != State.FINISHED) {
            return new Plan(latest.get().from(), latest.get().to(), latest.get().total());
        }
        return planning.of(tenant);
    }

    /**
     * Starts a rotation and returns at once. One that is running already is left as it is; one that
     * failed is tried again.
     *
     * @param sharePercent how much of the token's time it may take, 1 to 100
     * @throws RefusedException ROTATION_PAUSED; TOKEN_CHANGED if the token lacks a key that the
     *     catalogue names: none is made in its place
     */
    public Progress start(Principal caller, TenantName tenant, int sharePercent)
            throws RefusedException, CustodyException {
        requireShare(sharePercent);
        deciding.lock();
        try {
            requireTenant(tenant);
            Optional<Rotation> latest = latest(tenant);
            requireNonePaused(latest);
            switch (latest.map(Rotation::state).orElse(State.FINISHED)) {
                case FINISHED -> {
                    pace.step(tenant.value());
                    announce(caller, tenant, planning.of(tenant), sharePercent);
                }
                case FAILED -> resume(caller, tenant, OptionalInt.of(sharePercent));
                case RUNNING, PAUSED -> {}
            }
            return progress(tenant);
        } finally {
            deciding.unlock();
        }
    }

    private void announce(Principal caller, TenantName tenant, Plan plan, int sharePercent)
            throws RefusedException {
        var rotation =
                new Rotation(
                        tenant,
                        plan.from(),
                        plan.to(),
                        State.RUNNING,
                        sharePercent,
                        0,
                        plan.records(),
                        Optional.empty(),
                        caller.uri(),
                        resources.clock().instant(),
                        Optional.empty());
        resources
                .log()
                .<RuntimeException>appendSigned(handle -> {
                    KekTable.insertPending(handle, tenant, plan.to(), resources.clock().instant());
                    RotationTable.insert(handle, rotation);
                    return RotationJob.about(AuditRecord.KEK_CREATED, rotation)
                            .with("share", sharePercent);
                });
        runs.begin(rotation);
    }

    /**
     * Stops a rotation after what is under way; it stays so until somebody resumes it, also over a
     * restart.
     *
     * @throws RefusedException ROTATION_NOT_FOUND if none is running or paused
     */
    public Progress pause(Principal caller, TenantName tenant) throws RefusedException {
        deciding.lock();
        try {
            Rotation rotation = requireUnfinished(tenant);
            if (rotation.state() == State.RUNNING) {
                runs.stop(tenant);
                rotation = requireUnfinished(tenant); // it may have ended meanwhile
                change(caller, rotation, AuditRecord.ROTATION_PAUSED, RotationTable::pause);
            }
            return progress(tenant);
        } finally {
            deciding.unlock();
        }
    }

    /**
     * What {@link #pause} would pause, if it is running.
     *
     * @throws RefusedException as {@link #pause}
     */
    public Progress planPause(TenantName tenant) throws RefusedException {
        var _ = requireUnfinished(tenant);
        return progress(tenant);
    }

    /**
     * What {@link #resume} would go on with.
     *
     * @throws RefusedException as {@link #resume}
     */
    public Progress planResume(TenantName tenant, OptionalInt sharePercent)
            throws RefusedException {
        requireShare(sharePercent.orElse(requireUnfinished(tenant).sharePercent()));
        return progress(tenant);
    }

    /**
     * Goes on with a rotation that was paused or failed, or gives a running one another share.
     *
     * @throws RefusedException ROTATION_NOT_FOUND if there is none to go on with
     */
    public Progress resume(Principal caller, TenantName tenant, OptionalInt sharePercent)
            throws RefusedException {
        deciding.lock();
        try {
            Rotation rotation = requireUnfinished(tenant);
            int share = sharePercent.orElse(rotation.sharePercent());
            requireShare(share);
            runs.stop(tenant);
            rotation = requireUnfinished(tenant);
            change(
                    caller,
                    rotation,
                    AuditRecord.ROTATION_RESUMED,
                    (handle, one) -> RotationTable.resume(handle, one, share));
            runs.begin(latest(tenant).orElseThrow());
            return progress(tenant);
        } finally {
            deciding.unlock();
        }
    }

    @FunctionalInterface
    private interface Change {
        void to(Handle handle, Rotation rotation);
    }

    private void change(Principal caller, Rotation rotation, String type, Change change)
            throws RefusedException {
        resources
                .log()
                .<RuntimeException>appendSigned(handle -> {
                    change.to(handle, rotation);
                    Decision about = RotationJob.about(type, rotation);
                    return new Decision(type, caller.uri(), about.tenant(), about.fields());
                });
    }

    /**
     * Retires a key that a rotation left behind, once the token has authenticated that no record is
     * under it. Retiring a retired one changes nothing.
     *
     * @throws RefusedException KEK_NOT_FOUND, KEK_IN_USE, ROTATION_BUSY
     */
    public void retire(Principal caller, TenantName tenant, int version)
            throws RefusedException, CustodyException, InterruptedException {
        deciding.lock();
        try {
            Optional<Rotation> left = emptied.find(tenant, version);
            if (left.isPresent()) {
                new Retirement(resources).retire(left.get());
            }
        } finally {
            deciding.unlock();
        }
    }

    /**
     * Whether {@link #retire} would retire a key now that is not retired yet.
     *
     * @throws RefusedException as {@link #retire}
     */
    public boolean wouldRetire(TenantName tenant, int version)
            throws RefusedException, CustodyException, InterruptedException {
        deciding.lock();
        try {
            return emptied.find(tenant, version).isPresent();
        } finally {
            deciding.unlock();
        }
    }

    /**
     * How far the tenant's latest rotation is.
     *
     * @throws RefusedException ROTATION_NOT_FOUND if there never was one
     */
    public Progress progress(TenantName tenant) throws RefusedException {
        Rotation rotation =
                latest(tenant)
                        .orElseThrow(() ->
                                new RefusedException(
                                        Reason.ROTATION_NOT_FOUND,
                                        "the keys of tenant "
                                                + tenant
                                                + " were never rotated; start with: strongroom keys"
                                                + " rotate"));
        Optional<RunningRotation> run = runs.of(tenant);
        return new Progress(
                rotation,
                run.map(RunningRotation::rate).orElse(0.0),
                run.flatMap(RunningRotation::trouble));
    }

    /** {@link #progress}, once the rotation is not running any more or the time is over. */
    public Progress await(TenantName tenant, Duration atMost)
            throws RefusedException, InterruptedException {
        Optional<RunningRotation> run = runs.of(tenant);
        if (run.isPresent()) {
            run.get().awaitEnd(atMost);
        }
        return progress(tenant);
    }

    private Optional<Rotation> latest(TenantName tenant) {
        return resources.database().read(handle -> RotationTable.latest(handle, tenant));
    }

    private void requireTenant(TenantName tenant) throws RefusedException {
        resources.database().read(handle -> TenantTable.require(handle, tenant));
    }

    private Rotation requireUnfinished(TenantName tenant) throws RefusedException {
        requireTenant(tenant);
        return latest(tenant)
                .filter(rotation -> rotation.state() != State.FINISHED)
                .orElseThrow(() ->
                        new RefusedException(
                                Reason.ROTATION_NOT_FOUND,
                                "no rotation of tenant " + tenant + " is under way"));
    }

    private static void requireNonePaused(Optional<Rotation> latest) throws RefusedException {
        if (latest.isPresent() && latest.get().state() == State.PAUSED) {
            throw new RefusedException(
                    Reason.ROTATION_PAUSED,
                    "a rotation of tenant "
                            + latest.get().tenant()
                            + " is paused; go on with: strongroom keys resume");
        }
    }

    private static void requireShare(int sharePercent) throws RefusedException {
        if (sharePercent < 1 || sharePercent > TokenCrew.WHOLE_TOKEN) {
            throw new RefusedException(
                    Reason.REQUEST_MALFORMED, "share: expected 1 to 100 percent");
        }
    }

    /** Stops all after what is under way; they go on at the next start. */
    @Override
    public void close() {
        deciding.lock();
        try {
            runs.close();
        } finally {
            deciding.unlock();
        }
    }
}
