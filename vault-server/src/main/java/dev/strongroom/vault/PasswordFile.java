package dev.strongroom.vault;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;

/** Draws the password of a key store: 256 random bits in hex, mode 0600. */
final class PasswordFile {
    private static final int PASSWORD_BYTES = 32;

    private PasswordFile() {}

    /** Leaves a file that is there as it is: a credential that the operator gave. */
    static void makeIfMissing(Path file, SecureRandom random) throws IOException {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        byte[] password = new byte[PASSWORD_BYTES];
        random.nextBytes(password);
        byte[] digits = HexFormat.of().formatHex(password).getBytes(StandardCharsets.US_ASCII);
        try (var channel =
                FileChannel.open(
                        file,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")))) {
            channel.write(ByteBuffer.wrap(digits));
            channel.force(true);
        } finally {
            Arrays.fill(password, (byte) 0);
            Arrays.fill(digits, (byte) 0);
        }
    }
}
