package dev.strongroom.agent;

import dev.strongroom.config.ServiceException;
import dev.strongroom.config.ServiceException.Exit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;

/**
 * Where the password of the agent's keys comes from: a file of its owner's, or a credential that
 * systemd passes. It has to be random, since it is stretched little; {@link #makeIfMissing} makes
 * one of 256 bits.
 *
 * @param path of the file; of a credential, its name
 */
record KeyPassword(Path path, Source source) {
    private static final int RANDOM_BYTES = 32;
    private static final int MIN_CHARACTERS = 32; // 128 bits of hex
    private static final int MAX_BYTES = 256;
    private static final Set<PosixFilePermission> OWNER_FILE =
            PosixFilePermissions.fromString("rw-------");

    enum Source {
        FILE,
        CREDENTIAL
    }

    static KeyPassword inFile(Path file) {
        return new KeyPassword(file, Source.FILE);
    }

    static KeyPassword credential(String name) {
        return new KeyPassword(Path.of(name), Source.CREDENTIAL);
    }

    /** Draws a password into the file; one that is there, and a credential, stay as they are. */
    void makeIfMissing(SecureRandom random) throws IOException {
        if (source == Source.CREDENTIAL || Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        byte[] drawn = new byte[RANDOM_BYTES];
        random.nextBytes(drawn);
        byte[] digits = HexFormat.of().formatHex(drawn).getBytes(StandardCharsets.US_ASCII);
        try (var channel =
                FileChannel.open(
                        path,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(OWNER_FILE))) {
            channel.write(ByteBuffer.wrap(digits));
            channel.force(true);
        } finally {
            Arrays.fill(drawn, (byte) 0);
            Arrays.fill(digits, (byte) 0);
        }
    }

    /** The password; the caller zeroes it. One trailing line end does not belong to it. */
    char[] read() throws ServiceException, IOException {
        Path file = file();
        var permitted = EnumSet.copyOf(OWNER_FILE);
        if (source == Source.CREDENTIAL) {
            permitted.add(PosixFilePermission.GROUP_READ); // how systemd's access list shows
        }
        if (!permitted.containsAll(
                Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS))) {
            throw unusable(file, "others can read it; run: chmod 600 " + file);
        }
        if (Files.size(file) > MAX_BYTES) {
            throw unusable(file, "expected at most " + MAX_BYTES + " bytes");
        }
        byte[] bytes = Files.readAllBytes(file);
        try {
            int length = bytes.length;
            if (length > 0 && bytes[length - 1] == '\n') {
                length--;
            }
            if (length < MIN_CHARACTERS) {
                throw unusable(file, "expected at least " + MIN_CHARACTERS + " random characters");
            }
            char[] password = new char[length];
            for (int i = 0; i < length; i++) {
                if (bytes[i] <= ' ' || bytes[i] > '~') {
                    throw unusable(file, "expected printable ASCII without spaces");
                }
                password[i] = (char) bytes[i];
            }
            return password;
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private Path file() throws ServiceException {
        if (source == Source.FILE) {
            return path;
        }
        String folder = System.getenv("CREDENTIALS_DIRECTORY");
        if (folder == null) {
            throw unusable(
                    path, "this process has no credentials; set LoadCredential= in its unit");
        }
        return Path.of(folder).resolve(path);
    }

    private static ServiceException unusable(Path where, String what) {
        return new ServiceException(Exit.LOCAL, "password " + where + ": " + what);
    }
}
