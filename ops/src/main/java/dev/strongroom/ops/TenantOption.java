package dev.strongroom.ops;

import dev.strongroom.crypto.format.TenantName;
import picocli.CommandLine.Option;

/** Whose keys a command is about. */
final class TenantOption {
    @Option(
            names = "--tenant",
            required = true,
            paramLabel = "NAME",
            converter = TenantConverter.class,
            description = "Whose keys.")
    private TenantName tenant;

    /** As the vault's requests take it. */
    String name() {
        return tenant.value();
    }
}
