package dev.strongroom.crypto.custody.bcfks;

import static dev.strongroom.crypto.custody.OwnerSide.RANDOM;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.PinSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A folder with a password file and room for a key store. */
record TestStore(Path file, Path password) {
    static TestStore in(Path folder) throws IOException {
        return new TestStore(
                folder.resolve("keys.bcfks"), secret(folder.resolve("password"), "a pass phrase"));
    }

    static Path secret(Path file, String content) throws IOException {
        Files.writeString(file, content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    BcfksConfig config() {
        return new BcfksConfig(file, PinSource.file(password));
    }

    BcfksCustodian initialise() throws CustodyException {
        return BcfksCustodian.initialise(config(), RANDOM);
    }

    BcfksCustodian open(String serial) throws CustodyException {
        return BcfksCustodian.open(config(), serial, RANDOM);
    }
}
