package dev.strongroom.ops;

import dev.strongroom.proto.v1.RetireKekRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "retire",
        description = {
            "Retire a key-encryption key that a rotation left behind, once the token has authenticated",
            "every record and found none under it. A rotation that finishes has done so itself."
        })
final class KeysRetire implements Callable<Integer> {
    private final Session session;

    @Parameters(
            paramLabel = "TENANT/VERSION",
            converter = KekReference.Converter.class,
            description = "Which key, such as acme/3.")
    private KekReference kek;

    KeysRetire(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            // Every record is authenticated, which takes as long as there are records.
            var _ =
                    vault.rotations()
                            .retireKek(
                                    RetireKekRequest.newBuilder()
                                            .setTenant(kek.tenant().value())
                                            .setVersion(kek.version())
                                            .build());
        }
        return session.print(Answer.with("kek", kek.toString()).with("state", "retired").one());
    }
}
