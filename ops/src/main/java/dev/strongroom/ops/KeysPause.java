package dev.strongroom.ops;

import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.proto.v1.PauseRotationRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "pause", description = "Stop a tenant's rotation until it is resumed.")
final class KeysPause implements Callable<Integer> {
    private final Session session;

    @Option(
            names = "--tenant",
            required = true,
            paramLabel = "NAME",
            converter = TenantConverter.class,
            description = "Whose keys.")
    private TenantName tenant;

    KeysPause(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            var request = PauseRotationRequest.newBuilder().setTenant(tenant.value()).build();
            return session.print(
                    RotationView.row(vault.keys().pauseRotation(request).getRotation()).one());
        }
    }
}
