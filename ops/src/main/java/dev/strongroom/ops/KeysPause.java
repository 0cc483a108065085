package dev.strongroom.ops;

import dev.strongroom.proto.v1.PauseRotationRequest;
import dev.strongroom.proto.v1.PauseRotationResponse;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "pause", description = "Stop a tenant's rotation until it is resumed.")
final class KeysPause implements Callable<Integer> {
    private final Session session;

    @Mixin private final TenantOption tenant = new TenantOption();

    @Option(names = "--dry-run", description = "Only say what would be paused.")
    private boolean dryRun;

    KeysPause(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            var request = PauseRotationRequest.newBuilder().setTenant(tenant.name()).build();
            PauseRotationResponse answer =
                    dryRun
                            ? vault.keys().planPauseRotation(request)
                            : vault.keys().pauseRotation(request);
            return session.print(RotationView.row(answer.getRotation()).one());
        }
    }
}
