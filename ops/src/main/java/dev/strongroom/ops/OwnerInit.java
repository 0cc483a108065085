package dev.strongroom.ops;

import dev.strongroom.client.OwnerKey;
import dev.strongroom.client.Profile;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        name = "init",
        description = {
            "Make the owner root key in the context folder: owner.pem (mode 0600), owner.pub.pem.",
            "Keep a copy offline: without it nothing more can be published under this owner id."
        })
final class OwnerInit implements Callable<Integer> {
    private final Session session;

    OwnerInit(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        Profile profile = session.profile();
        OwnerKey owner = OwnerKey.create(profile, session.random());
        return session.print(
                Answer.with("owner_id", owner.keyId().hex())
                        .with("context", profile.folder().toString())
                        .with("public_key", profile.folder().resolve("owner.pub.pem").toString())
                        .one());
    }
}
