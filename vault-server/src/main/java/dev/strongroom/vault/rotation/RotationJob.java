package dev.strongroom.vault.rotation;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.catalog.KekTable;
import dev.strongroom.vault.catalog.LeafTable;
import dev.strongroom.vault.catalog.RotationTable;
import dev.strongroom.vault.catalog.RotationTable.Rotation;
import dev.strongroom.vault.catalog.WrappedKeyTable;
import dev.strongroom.vault.catalog.WrappedKeyTable.Stored;
import dev.strongroom.vault.fault.FaultPoint;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One rotation from where it stands to its end: the new key is made and takes over, batches of
 * records move, every record is looked at, the old key is retired. Each step is durable before the
 * next and can be taken again, so it may end anywhere.
 */
final class RotationJob {
    private static final int BATCHES_AHEAD = 3; // none of the crew waits for its slowest
    private static final int GENTLE_BATCH = 64; // others write behind it within a millisecond
    private static final Duration SIGN_EVERY = Duration.ofSeconds(1);
    private static final int SETTLE_EVERY = 3000; // records; SQLite does at twice as many

    private record Moved(Stored row, Optional<byte[]> record) {}

    private final Resources resources;
    private final Rotation rotation;
    private final TenantName tenant;
    private final CountDownLatch stop;
    private final long begun = System.nanoTime();
    private final AtomicLong moved = new AtomicLong();
    private final List<VersionId> changed = new ArrayList<>();
    private final int batch;
    private long signed = System.nanoTime();
    private long settled;

    RotationJob(Resources resources, Rotation rotation, CountDownLatch stop) {
        this.resources = resources;
        this.rotation = rotation;
        this.tenant = rotation.tenant();
        this.stop = stop;
        this.batch =
                rotation.sharePercent() == TokenCrew.WHOLE_TOKEN
                        ? resources.batch()
                        : Math.min(resources.batch(), GENTLE_BATCH);
    }

    /**
     * Goes on until nothing is left to do or the job is stopped.
     *
     * @throws RefusedException RECORD_NOT_AUTHENTIC if a record was changed outside the vault: all
     *     others are moved, and the old key stays; TOKEN_UNAVAILABLE
     */
    void run() throws RefusedException, CustodyException, InterruptedException {
        takeOver();
        try (var crew = crew()) {
            moveAll(crew);
            if (isStopped()) {
                resources.log().checkpoint();
                return;
            }
            requireNothingLeft(crew);
        }
        if (!isStopped()) {
            retire(resources, rotation);
        }
    }

    private TokenCrew crew() {
        return new TokenCrew(
                rotation.sharePercent(),
                resources.custodian().info(),
                resources.foreground(),
                stop);
    }

    private boolean isStopped() {
        return stop.getCount() == 0;
    }

    /** Records moved a second since this run of the job began. */
    double rate() {
        return moved.get() / ((System.nanoTime() - begun) / 1e9);
    }

    private void takeOver() throws CustodyException {
        boolean made =
                resources.custodian().keks(tenant).stream()
                        .filter(KekInfo::isUsable)
                        .map(KekInfo::version)
                        .anyMatch(version -> version == rotation.to());
        if (!made && isPending()) {
            resources.custodian().discardTornKek(tenant, rotation.to());
            resources.custodian().createKek(tenant, rotation.to());
        }
        FaultPoint.KEK_CREATED.reached();
        resources
                .database()
                .<RuntimeException>change(handle -> {
                    var to = KekTable.find(handle, tenant, rotation.to()).orElseThrow();
                    if (to.state() == KekTable.State.PENDING) {
                        KekTable.move(
                                handle,
                                tenant,
                                rotation.from(),
                                KekTable.State.ACTIVE,
                                KekTable.State.RETIRING);
                        KekTable.move(
                                handle,
                                tenant,
                                rotation.to(),
                                KekTable.State.PENDING,
                                KekTable.State.ACTIVE);
                    }
                });
    }

    /** Nothing is under a key that was announced and has not taken over. */
    private boolean isPending() {
        return resources
                        .database()
                        .read(handle -> KekTable.find(handle, tenant, rotation.to()))
                        .orElseThrow()
                        .state()
                == KekTable.State.PENDING;
    }

    /** The token works on the next batches while this one is written. */
    private void moveAll(TokenCrew crew)
            throws RefusedException, CustodyException, InterruptedException {
        Deque<TokenCrew.Batch<Moved>> making = new ArrayDeque<>();
        List<Stored> page = page(0);
        while ((!page.isEmpty() || !making.isEmpty()) && !isStopped()) {
            while (!page.isEmpty() && making.size() < BATCHES_AHEAD) {
                making.add(crew.begin(page, this::rewrap));
                page = page(page.getLast().place());
            }
            List<Moved> made = making.remove().results();
            crew.giveWay();
            write(made);
            crew.giveWay();
            signAndSettle();
        }
    }

    private List<Stored> page(long after) {
        return resources
                .database()
                .read(handle ->
                        WrappedKeyTable.page(handle, tenant, rotation.from(), after, batch));
    }

    private List<Moved> rewrap(List<Stored> slice) throws CustodyException {
        List<byte[]> records = slice.stream().map(Stored::record).toList();
        List<Optional<WrappedKey.AtRest>> read = resources.custodian().authenticateAll(records);
        List<Moved> results = new ArrayList<>();
        List<WrappedKey.AtRest> keys = new ArrayList<>();
        List<Stored> rows = new ArrayList<>();
        for (int i = 0; i < slice.size(); i++) {
            Stored row = slice.get(i);
            Optional<WrappedKey.AtRest> key = read.get(i).filter(one -> isInItsRow(one, row));
            if (key.isPresent()) {
                keys.add(key.get());
                rows.add(row);
            } else {
                results.add(new Moved(row, Optional.empty()));
            }
        }
        if (!keys.isEmpty()) {
            List<WrappedKey.AtRest> rewrapped =
                    resources.custodian().rewrapAll(keys, rotation.to());
            for (int i = 0; i < rows.size(); i++) {
                results.add(new Moved(rows.get(i), Optional.of(rewrapped.get(i).encoded())));
            }
        }
        return results;
    }

    private boolean isInItsRow(WrappedKey.AtRest key, Stored row) {
        return key.versionId().equals(row.version())
                && key.tenant().equals(tenant)
                && key.kekVersion() == rotation.from();
    }

    /** The records and the leaf that names them become durable together. */
    private void write(List<Moved> made) throws RefusedException {
        List<Stored> records = new ArrayList<>();
        for (Moved one : made) {
            one.record()
                    .ifPresentOrElse(
                            record -> records.add(one.row().with(record)),
                            () -> changed.add(one.row().version()));
        }
        if (records.isEmpty()) {
            return;
        }
        FaultPoint.BATCH_MADE.reached();
        resources
                .log()
                .<RuntimeException>append(handle -> {
                    List<Stored> replaced =
                            WrappedKeyTable.replace(
                                    handle, records, rotation.from(), rotation.to());
                    RotationTable.addMoved(handle, rotation, replaced.size());
                    FaultPoint.BATCH_IN_TRANSACTION.reached();
                    return batchDecision(replaced);
                });
        FaultPoint.BATCH_DURABLE.reached();
        moved.addAndGet(records.size());
    }

    private void signAndSettle() throws RefusedException {
        if (System.nanoTime() - signed > SIGN_EVERY.toNanos()) {
            resources.log().checkpoint();
            signed = System.nanoTime();
        }
        if (moved.get() - settled >= SETTLE_EVERY) {
            resources.database().settle();
            settled = moved.get();
        }
    }

    private Decision batchDecision(List<Stored> records) {
        Decision about = about(AuditRecord.KEK_REWRAPPED, rotation);
        var fields = new TreeMap<>(about.fields());
        fields.put("records", Integer.toString(records.size()));
        for (Stored key : records) {
            fields.put("v." + key.version(), Digest.sha256(key.record()).hex());
        }
        return new Decision(about.type(), about.actor(), about.tenant(), fields);
    }

    private void requireNothingLeft(TokenCrew crew)
            throws RefusedException, CustodyException, InterruptedException {
        Inspection.Finding finding =
                Inspection.of(resources.database(), resources.custodian())
                        .of(tenant, rotation.from(), crew);
        finding.changed().forEach(version -> addOnce(changed, version));
        finding.under().forEach(version -> addOnce(changed, version));
        if (!changed.isEmpty()) {
            throw new RefusedException(
                    Reason.RECORD_NOT_AUTHENTIC,
                    changed.size()
                            + " key record(s) were changed outside the vault, the first of version "
                            + changed.getFirst()
                            + "; key "
                            + rotation.from()
                            + " is not retired: restore the records from a backup, then resume");
        }
    }

    private static void addOnce(List<VersionId> versions, VersionId version) {
        if (!versions.contains(version)) {
            versions.add(version);
        }
    }

    /** Retires the old key, first in the token, and ends the rotation. */
    static void retire(Resources resources, Rotation rotation)
            throws RefusedException, CustodyException {
        FaultPoint.BEFORE_RETIRE.reached();
        resources.custodian().retireKek(rotation.tenant(), rotation.from());
        FaultPoint.RETIRED_IN_TOKEN.reached();
        resources
                .log()
                .<RuntimeException>appendSigned(handle -> {
                    KekTable.retire(
                            handle, rotation.tenant(), rotation.from(), LeafTable.next(handle));
                    RotationTable.finish(handle, rotation, resources.clock().instant());
                    return about(AuditRecord.KEK_RETIRED, rotation);
                });
    }

    static Decision about(String type, Rotation rotation) {
        return Decision.of(type, rotation.startedBy(), rotation.tenant().value())
                .with("tenant", rotation.tenant())
                .with("from", rotation.from())
                .with("to", rotation.to());
    }
}
