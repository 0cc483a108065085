package dev.strongroom.enclave.lease;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Folders of a node that nobody else on the machine enters. */
public final class PrivateFolder {
    private static final Set<PosixFilePermission> OWNER =
            PosixFilePermissions.fromString("rwx------");

    private PrivateFolder() {}

    /**
     * Makes a folder of mode 0700, or takes one that is there already. A wider one is refused and
     * left as it is: it may be a folder that others need.
     *
     * @throws FileSystemException when others may enter, read or write it
     */
    public static Path open(Path folder) throws IOException {
        Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER));
        if (!OWNER.containsAll(Files.getPosixFilePermissions(folder))) {
            throw new FileSystemException(
                    folder.toString(),
                    null,
                    "others may enter this folder; run: chmod 700 " + folder);
        }
        return folder;
    }
}
