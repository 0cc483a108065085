package dev.strongroom.ops;

import dev.strongroom.crypto.format.ModelName;
import picocli.CommandLine.Parameters;

/** The model that a command is about. */
final class ModelArgument {
    @Parameters(
            paramLabel = "NAME",
            converter = VersionName.ModelConverter.class,
            description = "tenant/name")
    private ModelName model;

    ModelName model() {
        return model;
    }
}
