package dev.strongroom.vault;

import dev.strongroom.attestation.Digest;
import dev.strongroom.vault.refusal.StartupException;
import dev.strongroom.vault.refusal.StartupException.Exit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;
import java.util.stream.Stream;

/** The first operator's folder: ca.pem, cert.pem, key.pem (mode 0600) and pin.txt. */
final class OperatorFiles {
    /** For folders that only the vault's own user may enter. */
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private static final int LINE = 64; // RFC 7468

    private OperatorFiles() {}

    /** Refuses a folder with something in it, so that no earlier operator's key is overwritten. */
    static void requireNew(Path dir) throws IOException, StartupException {
        if (!Files.exists(dir)) {
            return;
        }
        try (Stream<Path> entries = Files.list(dir)) {
            if (entries.findAny().isPresent()) {
                throw new StartupException(
                        Exit.USAGE, dir + " is not empty; name a new folder with --operator-out");
            }
        }
    }

    /** Makes a folder private to the vault's own user, one that is there already as well. */
    static void makePrivate(Path dir) throws IOException {
        Files.createDirectories(dir, OWNER_ONLY);
        Files.setPosixFilePermissions(dir, OWNER_ONLY.value());
    }

    static void write(
            Path dir, X509Certificate ca, X509Certificate certificate, KeyPair key, Digest pin)
            throws IOException {
        makePrivate(dir);
        byte[] pkcs8 = key.getPrivate().getEncoded();
        byte[] pem = pem("PRIVATE KEY", pkcs8);
        try {
            writePrivate(dir.resolve("key.pem"), pem);
        } finally {
            Arrays.fill(pkcs8, (byte) 0);
            Arrays.fill(pem, (byte) 0);
        }
        Files.write(dir.resolve("ca.pem"), pem("CERTIFICATE", encoded(ca)));
        Files.write(dir.resolve("cert.pem"), pem("CERTIFICATE", encoded(certificate)));
        Files.writeString(dir.resolve("pin.txt"), pin.hex() + "\n");
    }

    private static void writePrivate(Path file, byte[] content) throws IOException {
        var mode =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (var channel =
                Files.newByteChannel(
                        file,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        mode)) {
            channel.write(ByteBuffer.wrap(content));
        }
    }

    private static byte[] pem(String label, byte[] der) {
        byte[] body =
                Base64.getMimeEncoder(LINE, "\n".getBytes(StandardCharsets.US_ASCII)).encode(der);
        byte[] head = ("-----BEGIN " + label + "-----\n").getBytes(StandardCharsets.US_ASCII);
        byte[] foot = ("\n-----END " + label + "-----\n").getBytes(StandardCharsets.US_ASCII);
        byte[] all = Arrays.copyOf(head, head.length + body.length + foot.length);
        System.arraycopy(body, 0, all, head.length, body.length);
        System.arraycopy(foot, 0, all, head.length + body.length, foot.length);
        return all;
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("our own certificate does not encode", e);
        }
    }
}
