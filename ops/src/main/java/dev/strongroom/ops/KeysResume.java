package dev.strongroom.ops;

import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.proto.v1.ResumeRotationRequest;
import dev.strongroom.proto.v1.Rotation;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "resume",
        description = {
            "Go on with a rotation that was paused or failed, or give a running one another share."
        })
final class KeysResume implements Callable<Integer> {
    private final Session session;

    @Option(
            names = "--tenant",
            required = true,
            paramLabel = "NAME",
            converter = TenantConverter.class,
            description = "Whose keys.")
    private TenantName tenant;

    @Option(
            names = "--share",
            paramLabel = "PERCENT",
            defaultValue = "0",
            description = "How much of the token's time it may take. Default: as before.")
    private int share;

    @Option(names = "--detach", description = "Resume it and return; see: keys status.")
    private boolean detach;

    KeysResume(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            Rotation rotation =
                    vault.keys()
                            .resumeRotation(
                                    ResumeRotationRequest.newBuilder()
                                            .setTenant(tenant.value())
                                            .setSharePercent(share)
                                            .build())
                            .getRotation();
            if (!detach) {
                rotation = RotationView.follow(session, vault, tenant.value());
            }
            return session.print(RotationView.row(rotation).one());
        }
    }
}
