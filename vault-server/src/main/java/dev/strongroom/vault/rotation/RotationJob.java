package dev.strongroom.vault.rotation;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.catalog.KekTable;
import dev.strongroom.vault.catalog.RotationTable;
import dev.strongroom.vault.catalog.RotationTable.Rotation;
import dev.strongroom.vault.catalog.WrappedKeyTable;
import dev.strongroom.vault.catalog.WrappedKeyTable.Stored;
import dev.strongroom.vault.fault.FaultPoint;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.rotation.RewrapLine.Moved;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One rotation from where it stands to its end: the new key is made and takes over, batches of
 * records move, every record is looked at, the old key is retired. Each step is durable before the
 * next and can be taken again, so it may end anywhere.
 */
final class RotationJob {
    private static final int GENTLE_BATCH = 64; // others write behind it within a millisecond
    private static final Duration SIGN_EVERY = Duration.ofSeconds(1);
    private static final int SETTLE_EVERY = 3000; // records; SQLite does at twice as many
    private static final int GENTLE_SETTLE = 256; // a commit behind it waits for as much

    private final Resources resources;
    private final Rotation rotation;
    private final TenantName tenant;
    private final CountDownLatch stop;
    private final long begun = System.nanoTime();
    private final AtomicLong moved = new AtomicLong();
    private final List<VersionId> changed = new ArrayList<>();
    private final int batch;
    private final int settleEvery;
    private long signed = System.nanoTime();
    private long settled;

    RotationJob(Resources resources, Rotation rotation, CountDownLatch stop) {
        this.resources = resources;
        this.rotation = rotation;
        this.tenant = rotation.tenant();
        this.stop = stop;
        boolean whole = rotation.sharePercent() == TokenCrew.WHOLE_TOKEN;
        this.batch = whole ? resources.batch() : Math.min(resources.batch(), GENTLE_BATCH);
        this.settleEvery = whole ? SETTLE_EVERY : GENTLE_SETTLE;
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
            new Retirement(resources).retire(rotation);
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

    private void moveAll(TokenCrew crew)
            throws RefusedException, CustodyException, InterruptedException {
        try (var line = new RewrapLine(resources, rotation, crew, batch)) {
            List<Moved> made = line.next();
            while (!made.isEmpty()) {
                crew.giveWay();
                write(made);
                crew.giveWay();
                signAndSettle();
                made = isStopped() ? List.of() : line.next();
            }
        }
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
        Map<VersionId, String> digests = digests(records); // not while others wait to write
        resources
                .log()
                .<RuntimeException>append(handle -> {
                    List<Stored> replaced =
                            WrappedKeyTable.replace(
                                    handle, records, rotation.from(), rotation.to());
                    RotationTable.addMoved(handle, rotation, replaced.size());
                    FaultPoint.BATCH_IN_TRANSACTION.reached();
                    return batchDecision(replaced, digests);
                });
        FaultPoint.BATCH_DURABLE.reached();
        moved.addAndGet(records.size());
    }

    private void signAndSettle() throws RefusedException {
        if (System.nanoTime() - signed > SIGN_EVERY.toNanos()) {
            resources.log().checkpoint();
            signed = System.nanoTime();
        }
        if (moved.get() - settled >= settleEvery) {
            resources.database().settle();
            settled = moved.get();
        }
    }

    private static Map<VersionId, String> digests(List<Stored> records) {
        var digests = new HashMap<VersionId, String>();
        records.forEach(key -> digests.put(key.version(), Digest.sha256(key.record()).hex()));
        return digests;
    }

    private Decision batchDecision(List<Stored> records, Map<VersionId, String> digests) {
        Decision about = about(AuditRecord.KEK_REWRAPPED, rotation);
        var fields = new TreeMap<>(about.fields());
        fields.put("records", Integer.toString(records.size()));
        for (Stored key : records) {
            fields.put("v." + key.version(), Objects.requireNonNull(digests.get(key.version())));
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

    static Decision about(String type, Rotation rotation) {
        return Decision.of(type, rotation.startedBy(), rotation.tenant().value())
                .with("tenant", rotation.tenant())
                .with("from", rotation.from())
                .with("to", rotation.to());
    }
}
