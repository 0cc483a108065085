package dev.strongroom.enclave.load;

import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.open.BareKey;
import dev.strongroom.crypto.open.ContentKey;
import dev.strongroom.enclave.lease.LeaseException;
import dev.strongroom.enclave.memory.MemoryProtectionException;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.enclave.posture.AssumedFit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A sealed version with its key beside it.
 *
 * @param files in the order of the manifest
 */
public record VersionOnDisk(VerifiedManifest manifest, List<Path> files, byte[] ikm) {
    /** As a node opens it once it holds the lease. */
    public LoadedModel open(Protection protection, int threads)
            throws IOException, LeaseException, MemoryProtectionException {
        try (ContentKey key = BareKey.of(ikm)) {
            return ModelOpener.open(
                    manifest, files, key, protection, AssumedFit.forMeasurements(), threads);
        }
    }

    public long plaintextBytes() {
        return manifest.content().files().stream().mapToLong(file -> file.plaintextBytes()).sum();
    }
}
