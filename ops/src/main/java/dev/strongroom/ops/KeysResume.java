package dev.strongroom.ops;

import dev.strongroom.proto.v1.ResumeRotationRequest;
import dev.strongroom.proto.v1.Rotation;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "resume",
        description = {
            "Go on with a rotation that was paused or failed, or give a running one another share."
        })
final class KeysResume implements Callable<Integer> {
    private final Session session;

    @Mixin private final TenantOption tenant = new TenantOption();

    @Option(
            names = "--share",
            paramLabel = "PERCENT",
            defaultValue = "0",
            description = "How much of the token's time it may take. Default: as before.")
    private int share;

    @Mixin private final Following following = new Following();

    @Option(names = "--dry-run", description = "Only say what would go on.")
    private boolean dryRun;

    KeysResume(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            var request =
                    ResumeRotationRequest.newBuilder()
                            .setTenant(tenant.name())
                            .setSharePercent(share)
                            .build();
            if (dryRun) {
                Rotation plan = vault.keys().planResumeRotation(request).getRotation();
                return session.print(RotationView.row(plan).one());
            }
            return following.print(
                    session, vault, vault.keys().resumeRotation(request).getRotation());
        }
    }
}
