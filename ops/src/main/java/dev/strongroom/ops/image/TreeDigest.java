package dev.strongroom.ops.image;

import dev.strongroom.attestation.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The digest that names a file tree, whatever container it travels in (docs/format.md). */
final class TreeDigest {
    private static final int BUFFER_BYTES = 1 << 16;

    private TreeDigest() {}

    static Digest of(FileTree tree) throws IOException {
        MessageDigest all = sha256();
        for (FileTree.Entry entry : tree.entries()) {
            String mode = Integer.toOctalString(entry.mode());
            String line =
                    switch (entry) {
                        case FileTree.Folder folder -> "d " + mode + " - - " + folder.path();
                        case FileTree.Regular file ->
                                String.join(
                                        " ",
                                        "f",
                                        mode,
                                        Long.toString(file.bytes()),
                                        hex(file.source()),
                                        file.path());
                    };
            all.update((line + "\n").getBytes(StandardCharsets.UTF_8));
        }
        return new Digest(HexFormat.of().formatHex(all.digest()));
    }

    private static String hex(Path file) throws IOException {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
