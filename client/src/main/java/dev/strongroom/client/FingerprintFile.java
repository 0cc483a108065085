package dev.strongroom.client;

import dev.strongroom.fingerprint.FingerprintRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;

/** The owner's fingerprint root, in {@code fingerprint.key} of his profile, mode 0600. */
final class FingerprintFile {
    private FingerprintFile() {}

    /** The root of the profile; made when a first version is to be marked. */
    static FingerprintRoot loadOrCreate(Profile profile, SecureRandom random)
            throws ClientException, IOException {
        Path file = profile.fingerprintKey();
        if (!Files.exists(file)) {
            byte[] key = new byte[FingerprintRoot.BYTES];
            random.nextBytes(key);
            try {
                LocalFiles.createSecret(file, key);
            } finally {
                Arrays.fill(key, (byte) 0);
            }
        }
        return load(profile);
    }

    /**
     * The root of the profile.
     *
     * @throws ClientException of kind LOCAL when there is none, or the file is not one
     */
    static FingerprintRoot load(Profile profile) throws ClientException, IOException {
        Path file = profile.fingerprintKey();
        if (!Files.isRegularFile(file) || Files.size(file) != FingerprintRoot.BYTES) {
            throw ClientException.local(
                    file + ": expected a fingerprint key of " + FingerprintRoot.BYTES + " bytes",
                    "restore it from a backup of the profile that pushed the model");
        }
        byte[] key = Files.readAllBytes(file);
        try {
            return FingerprintRoot.of(key);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }
}
