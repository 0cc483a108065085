package dev.strongroom.sim;

import java.io.IOException;
import java.lang.module.ModuleReference;
import java.lang.module.ResolvedModule;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * What stands in for the launch measurement of a confidential VM: the digest of the node's own
 * modules, as this process loaded them. A rebuilt node has another measurement, as a rebuilt image
 * would.
 */
final class NodeImage {
    private static final Set<String> MODULES =
            Set.of(
                    "dev.strongroom.attestation",
                    "dev.strongroom.crypto",
                    "dev.strongroom.proto",
                    "dev.strongroom.enclave",
                    "dev.strongroom.serving");

    private NodeImage() {}

    /** 48 bytes, as many as SEV-SNP's. */
    static byte[] measurement() throws IOException {
        List<ModuleReference> modules =
                ModuleLayer.boot().configuration().modules().stream()
                        .map(ResolvedModule::reference)
                        .filter(module -> MODULES.contains(module.descriptor().name()))
                        .sorted(Comparator.comparing(module -> module.descriptor().name()))
                        .toList();
        if (modules.size() != MODULES.size()) {
            throw new IllegalStateException("the node's modules are not on the module path");
        }
        MessageDigest digest = sha384();
        for (ModuleReference module : modules) {
            URI location = module.location().orElseThrow();
            digest.update(Files.readAllBytes(Path.of(location)));
        }
        return digest.digest();
    }

    private static MessageDigest sha384() {
        try {
            return MessageDigest.getInstance("SHA-384");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-384", e);
        }
    }
}
