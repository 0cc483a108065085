package dev.strongroom.ops;

import dev.strongroom.proto.v1.PlantDecoyRequest;
import dev.strongroom.proto.v1.PlantDecoyResponse;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "plant",
        description = {
            "Make a decoy of something that nobody uses. Whoever touches it from now on is out at",
            "once and the vault raises an alarm. Nothing about it changes that others see."
        })
final class DecoysPlant implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "KIND", description = "model, key, credential or method.")
    private String kind;

    @Parameters(
            index = "1",
            paramLabel = "SUBJECT",
            description = {
                "TENANT/MODEL; TENANT/MODEL:NUMBER for a key;",
                "spiffe://strongroom/TENANT/ROLE/NAME for a credential;",
                "package.Service/Method that the vault does not have."
            })
    private String subject;

    DecoysPlant(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            PlantDecoyResponse planted =
                    vault.decoys()
                            .plantDecoy(
                                    PlantDecoyRequest.newBuilder()
                                            .setKind(kind)
                                            .setSubject(subject)
                                            .build());
            return session.print(
                    Answer.with("kind", kind)
                            .with("subject", subject)
                            .with("id", planted.getDecoy().getId())
                            .with("audit_leaf", planted.getProof().getLeafIndex())
                            .one());
        }
    }
}
