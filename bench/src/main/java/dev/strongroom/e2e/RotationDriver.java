package dev.strongroom.e2e;

import dev.strongroom.client.VaultConnection;
import dev.strongroom.proto.v1.GetRotationRequest;
import dev.strongroom.proto.v1.PauseRotationRequest;
import dev.strongroom.proto.v1.ResumeRotationRequest;
import dev.strongroom.proto.v1.RotateKekRequest;
import dev.strongroom.proto.v1.Rotation;
import dev.strongroom.sim.demo.Daemon;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Rotates one tenant's keys, as its owner. */
final class RotationDriver implements AutoCloseable {
    private static final int POLL_MILLIS = 100; // each look costs the vault as much as 20 re-wraps

    private final Daemon vault;
    private final VaultConnection owner;
    private final String tenant;
    private final Map<Integer, Long> moved = new ConcurrentHashMap<>();

    RotationDriver(Deployment world, Tenant tenant) throws Exception {
        this.vault = world.vault();
        this.owner = world.connect(tenant.owner());
        this.tenant = tenant.name();
    }

    /**
     * How long the records took, and the look at all of them and the retirement after that.
     *
     * @param processor time that the vault used for all of it
     */
    record Span(long records, Duration moving, Duration rest, Duration processor) {
        double perSecond() {
            return records / (moving.toNanos() / 1e9);
        }

        double perSecondOfAll() {
            return records / (moving.plus(rest).toNanos() / 1e9);
        }
    }

    /** A rotation with all of the token. */
    Span whole() {
        Duration used = processor();
        long begun = System.nanoTime();
        start(100);
        long moved = 0;
        Rotation now = state(POLL_MILLIS);
        while (now.getState().equals("running")) {
            if (moved == 0 && now.getRewrapped() >= now.getTotal()) {
                moved = System.nanoTime();
            }
            now = state(POLL_MILLIS);
        }
        long end = System.nanoTime();
        if (!now.getState().equals("finished")) {
            throw new IllegalStateException("rotation " + now.getState() + ": " + now.getFailure());
        }
        moved = moved == 0 ? end : moved;
        return new Span(
                now.getRewrapped(),
                Duration.ofNanos(moved - begun),
                Duration.ofNanos(end - moved),
                processor().minus(used));
    }

    private Duration processor() {
        return ProcessHandle.of(vault.pid()).orElseThrow().info().totalCpuDuration().orElseThrow();
    }

    private void start(int share) {
        var _ =
                owner.keys()
                        .rotateKek(
                                RotateKekRequest.newBuilder()
                                        .setTenant(tenant)
                                        .setSharePercent(share)
                                        .build());
    }

    /** Sees to it that one runs at this share: the one that was paused, or the next. */
    void goOn(int share) {
        switch (now()) {
            case "running" -> {}
            case "finished", "none" -> start(share);
            case "paused" -> {
                var _ =
                        owner.keys()
                                .resumeRotation(
                                        ResumeRotationRequest.newBuilder()
                                                .setTenant(tenant)
                                                .setSharePercent(share)
                                                .build());
            }
            default -> throw new IllegalStateException("a rotation failed");
        }
    }

    void pause() {
        if (now().equals("running")) {
            var _ =
                    owner.keys()
                            .pauseRotation(
                                    PauseRotationRequest.newBuilder().setTenant(tenant).build());
        }
    }

    /** Records that rotations moved, as far as this has seen them. */
    long moved() {
        now();
        return moved.values().stream().mapToLong(Long::longValue).sum();
    }

    private String now() {
        try {
            return state(0).getState();
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
                return "none";
            }
            throw e;
        }
    }

    private Rotation state(int waitMillis) {
        Rotation rotation = ask(waitMillis);
        moved.put(rotation.getToVersion(), rotation.getRewrapped());
        return rotation;
    }

    private Rotation ask(int waitMillis) {
        return owner.keys()
                .getRotation(
                        GetRotationRequest.newBuilder()
                                .setTenant(tenant)
                                .setWaitMillis(waitMillis)
                                .build())
                .getRotation();
    }

    @Override
    public void close() {
        owner.close();
    }
}
