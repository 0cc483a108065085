package dev.strongroom.ops;

import dev.strongroom.client.ClientException;
import dev.strongroom.client.VaultConnection;
import dev.strongroom.proto.v1.GetRotationRequest;
import dev.strongroom.proto.v1.Rotation;
import java.time.Instant;

/** How a rotation is shown, and followed until it is not running any more. */
final class RotationView {
    private static final int WAIT_MILLIS = 2_000; // how often progress is shown

    private RotationView() {}

    static Answer.Fields row(Rotation rotation) {
        return Answer.with("tenant", rotation.getTenant())
                .with("from_version", rotation.getFromVersion())
                .with("to_version", rotation.getToVersion())
                .with("state", rotation.getState())
                .with("share_percent", rotation.getSharePercent())
                .with("rewrapped", rotation.getRewrapped())
                .with("total", rotation.getTotal())
                .with("retired", rotation.getState().equals("finished"))
                .with("records_per_second", Math.round(rotation.getRecordsPerSecond()))
                .with("remaining_seconds", rotation.getRemainingSeconds())
                .with("failure", rotation.getFailure())
                .with("waiting_for", rotation.getTrouble())
                .with("started_by", rotation.getStartedBy())
                .with("started_at", time(rotation.getStartedAtMillis()))
                .with("ended_at", time(rotation.getEndedAtMillis()));
    }

    private static String time(long millis) {
        return millis == 0 ? "" : Instant.ofEpochMilli(millis).toString();
    }

    /** Tells progress until the rotation is finished, and fails unless it is. */
    static Rotation follow(Session session, VaultConnection vault, String tenant)
            throws ClientException {
        while (true) {
            Rotation rotation =
                    vault.keys()
                            .getRotation(
                                    GetRotationRequest.newBuilder()
                                            .setTenant(tenant)
                                            .setWaitMillis(WAIT_MILLIS)
                                            .build())
                            .getRotation();
            session.console().err().println(line(rotation));
            switch (rotation.getState()) {
                case "running" -> {}
                case "finished" -> {
                    return rotation;
                }
                case "paused" ->
                        throw new ClientException(
                                ClientException.Kind.CONFLICT,
                                "the rotation was paused",
                                session.program() + " keys resume --tenant " + tenant);
                default -> throw failed(session, rotation);
            }
        }
    }

    private static ClientException failed(Session session, Rotation rotation) {
        boolean integrity =
                rotation.getFailure().equals("RECORD_NOT_AUTHENTIC")
                        || rotation.getFailure().equals("TOKEN_CHANGED");
        return new ClientException(
                integrity
                        ? ClientException.Kind.VERIFICATION_FAILED
                        : ClientException.Kind.CONFLICT,
                "the rotation failed: "
                        + rotation.getFailure()
                        + "; "
                        + rotation.getRewrapped()
                        + " of "
                        + rotation.getTotal()
                        + " records moved, the old key stays",
                "put right what the vault's log names, then: "
                        + session.program()
                        + " keys resume --tenant "
                        + rotation.getTenant());
    }

    private static String line(Rotation rotation) {
        String left =
                rotation.getRemainingSeconds() == 0
                        ? ""
                        : ", about " + rotation.getRemainingSeconds() + " s left";
        String trouble =
                rotation.getTrouble().isEmpty() ? "" : "; waiting: " + rotation.getTrouble();
        return "re-wrapped "
                + rotation.getRewrapped()
                + " of "
                + rotation.getTotal()
                + " ("
                + rotation.getState()
                + left
                + ")"
                + trouble;
    }
}
