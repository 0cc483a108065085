package dev.strongroom.ops;

import dev.strongroom.client.ClientException;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.proto.v1.RotateKekRequest;
import dev.strongroom.proto.v1.RotateKekResponse;
import java.util.Iterator;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "rotate",
        description = {
            "Make a new key-encryption key in the token, re-wrap every record and retire the old.",
            "Run it again after an interruption: it goes on where it stopped. Serving goes on."
        })
final class KeysRotate implements Callable<Integer> {
    private final Session session;

    @Option(
            names = "--tenant",
            required = true,
            paramLabel = "NAME",
            converter = TenantConverter.class,
            description = "Whose keys.")
    private TenantName tenant;

    KeysRotate(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        var last = RotateKekResponse.getDefaultInstance();
        try (var vault = session.connect()) {
            Iterator<RotateKekResponse> steps =
                    vault.rotations()
                            .rotateKek(
                                    RotateKekRequest.newBuilder()
                                            .setTenant(tenant.value())
                                            .build());
            while (steps.hasNext()) {
                last = steps.next();
                session.console()
                        .err()
                        .println("re-wrapped " + last.getRewrapped() + " of " + last.getTotal());
            }
        }
        if (!last.getRetired()) {
            throw new ClientException(
                    ClientException.Kind.CONFLICT,
                    "the rotation ended before the old key was retired",
                    "run the same command again: it goes on where it stopped");
        }
        return session.print(
                Answer.with("tenant", tenant.value())
                        .with("from_version", last.getFromVersion())
                        .with("to_version", last.getToVersion())
                        .with("rewrapped", last.getRewrapped())
                        .with("total", last.getTotal())
                        .with("retired", true)
                        .one());
    }
}
