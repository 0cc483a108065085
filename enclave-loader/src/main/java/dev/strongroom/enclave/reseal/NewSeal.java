package dev.strongroom.enclave.reseal;

import dev.strongroom.crypto.format.SealStatement;
import java.nio.file.Path;
import java.util.List;

/**
 * A version sealed anew, not signed yet.
 *
 * @param files sealed bytes, in the order of the manifest
 * @param importCiphertext the new wrapping key, encrypted to the tenant's import key
 */
record NewSeal(SealStatement statement, List<Path> files, byte[] importCiphertext) {
    NewSeal {
        files = List.copyOf(files);
    }
}
