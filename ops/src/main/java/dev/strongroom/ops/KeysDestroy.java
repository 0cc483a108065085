package dev.strongroom.ops;

import dev.strongroom.client.ClientException;
import dev.strongroom.proto.v1.DestroyKekRequest;
import dev.strongroom.proto.v1.DestroyKekResponse;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "destroy",
        description = {
            "Destroy a retired key-encryption key for ever. Whatever is still under it, in whatever",
            "copy of the database, cannot be opened by anybody any more. It takes a waiting period, no",
            "record and no kept backup that needs the key, the approval of more than one person",
            "(strongroom approvals), and the key's name typed back."
        })
final class KeysDestroy implements Callable<Integer> {
    private final Session session;

    @Parameters(
            paramLabel = "TENANT/VERSION",
            converter = KekReference.Converter.class,
            description = "Which key, such as acme/3.")
    private KekReference kek;

    @Option(
            names = "--confirm",
            paramLabel = "TENANT/VERSION",
            description = "The same name again; asked for on a terminal when it is not given.")
    private @Nullable String confirm;

    @Option(names = "--dry-run", description = "Only say what is in the way.")
    private boolean dryRun;

    KeysDestroy(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        String typed = dryRun ? "" : confirmation();
        try (var vault = session.connect()) {
            var request =
                    DestroyKekRequest.newBuilder()
                            .setTenant(kek.tenant().value())
                            .setVersion(kek.version())
                            .setConfirm(typed)
                            .build();
            // Every record is authenticated, which takes as long as there are records.
            DestroyKekResponse answer =
                    dryRun
                            ? vault.rotations().planDestroyKek(request)
                            : vault.rotations().destroyKek(request);
            return session.print(row(answer).one());
        }
    }

    private String confirmation() throws ClientException {
        String typed = confirm != null ? confirm : session.console().ask(question()).orElse("");
        if (!typed.equals(kek.toString())) {
            throw ClientException.local(
                    "nothing was destroyed: the name was not typed back", "give --confirm " + kek);
        }
        return typed;
    }

    private String question() {
        return "This cannot be undone. To destroy " + kek + ", type its name: ";
    }

    private Answer.Fields row(DestroyKekResponse answer) {
        return Answer.with("kek", kek.toString())
                .with("state", answer.getState())
                .with(
                        "not_before",
                        answer.getNotBeforeMillis() == 0
                                ? ""
                                : Instant.ofEpochMilli(answer.getNotBeforeMillis()).toString())
                .with("obstacles", List.copyOf(answer.getObstaclesList()));
    }
}
