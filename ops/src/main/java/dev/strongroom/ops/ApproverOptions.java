package dev.strongroom.ops;

import dev.strongroom.client.ApproverKey;
import dev.strongroom.client.ClientException;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the key of the person is who speaks. */
final class ApproverOptions {
    @Option(
            names = "--approver",
            paramLabel = "DIR",
            description = "Folder with approver.pem; default: the context folder.")
    private @Nullable Path folder;

    @Option(names = "--dry-run", description = "Show what would be signed; sign nothing.")
    boolean dryRun;

    ApproverKey key(Session session) throws ClientException, IOException {
        return ApproverKey.load(folder == null ? session.profile().folder() : folder);
    }
}
