package dev.strongroom.client;

import dev.strongroom.client.prepare.ModelSource;
import dev.strongroom.crypto.format.CompanionFile;
import dev.strongroom.crypto.format.Preparation;
import dev.strongroom.crypto.format.VersionId;
import java.util.List;

/**
 * What is to be sealed as one version.
 *
 * @param source plaintext, prepared or as it is
 * @param versionId new for every sealing
 * @param companions sealed after the files of the model
 */
record Draft(
        ModelSource source,
        Preparation preparation,
        VersionId versionId,
        List<Companion> companions) {
    /** A file beside the model, small enough for memory. */
    record Companion(CompanionFile file, byte[] content) {}

    Draft {
        companions = List.copyOf(companions);
    }
}
