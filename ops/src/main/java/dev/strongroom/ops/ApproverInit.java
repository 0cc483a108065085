package dev.strongroom.ops;

import dev.strongroom.client.ApproverKey;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        name = "init",
        description = {
            "Make an approver's key in the context folder: approver.pem (mode 0600),",
            "approver.pub.pem. Its key id goes into the vault's configuration or a release policy."
        })
final class ApproverInit implements Callable<Integer> {
    private final Session session;

    ApproverInit(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        Path folder = session.profile().folder();
        ApproverKey key = ApproverKey.create(folder, session.random());
        return session.print(
                Answer.with("key_id", key.keyId().hex())
                        .with("context", folder.toString())
                        .with("public_key", ApproverKey.publicHalf(folder).toString())
                        .one());
    }
}
