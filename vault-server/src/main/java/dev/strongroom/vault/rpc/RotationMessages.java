package dev.strongroom.vault.rpc;

import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.proto.v1.Rotation;
import dev.strongroom.vault.catalog.RotationTable;
import dev.strongroom.vault.rotation.Rotations;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalInt;

/** Rotations as callers read them: one that there is, or one that there would be. */
final class RotationMessages {
    static final String PLANNED = "planned";
    private static final String RUNNING = RotationTable.State.RUNNING.label();

    private RotationMessages() {}

    static Rotation of(Rotations.Progress progress) {
        var rotation = progress.rotation();
        return Rotation.newBuilder()
                .setTenant(rotation.tenant().value())
                .setFromVersion(rotation.from())
                .setToVersion(rotation.to())
                .setState(rotation.state().label())
                .setSharePercent(rotation.sharePercent())
                .setRewrapped(rotation.moved())
                .setTotal(rotation.total())
                .setRecordsPerSecond(progress.recordsPerSecond())
                .setRemainingSeconds(progress.remaining().map(Duration::toSeconds).orElse(0L))
                .setFailure(rotation.failure().orElse(""))
                .setTrouble(progress.trouble().orElse(""))
                .setStartedBy(rotation.startedBy())
                .setStartedAtMillis(rotation.startedAt().toEpochMilli())
                .setEndedAtMillis(rotation.endedAt().map(Instant::toEpochMilli).orElse(0L))
                .build();
    }

    static Rotation planned(TenantName tenant, Rotations.Plan plan, int share) {
        return Rotation.newBuilder()
                .setTenant(tenant.value())
                .setFromVersion(plan.from())
                .setToVersion(plan.to())
                .setState(PLANNED)
                .setSharePercent(share)
                .setTotal(plan.records())
                .build();
    }

    /** One that is paused stays as it is. */
    static Rotation plannedPause(Rotations.Progress progress) {
        Rotation rotation = of(progress);
        return rotation.getState().equals(RUNNING)
                ? rotation.toBuilder().setState(PLANNED).build()
                : rotation;
    }

    /**
     * One that would go on.
     *
     * @param share empty for the one it has
     */
    static Rotation plannedResumption(Rotations.Progress progress, OptionalInt share) {
        Rotation rotation = of(progress);
        return rotation.toBuilder()
                .setState(PLANNED)
                .setSharePercent(share.orElse(rotation.getSharePercent()))
                .build();
    }
}
