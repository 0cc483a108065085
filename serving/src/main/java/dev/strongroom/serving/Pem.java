package dev.strongroom.serving;

import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.attestation.encoding.PemText;
import dev.strongroom.serving.NodeException.Exit;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** The node's client identity from PEM files. */
final class Pem {
    private static final int MAX_FILE_BYTES = 64 * 1024; // a chain of ten is under 32 KiB
    private static final Set<PosixFilePermission> OWNER =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private Pem() {}

    static List<X509Certificate> certificates(Path file) throws NodeException {
        try {
            List<X509Certificate> certificates =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(read(file)))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (!certificates.isEmpty()) {
                return certificates;
            }
        } catch (GeneralSecurityException | IOException e) {
            throw new NodeException(Exit.LOCAL, file + ": no readable PEM certificates", e);
        }
        throw new NodeException(Exit.LOCAL, file + ": expected at least one PEM certificate");
    }

    /** An EC key, PKCS#8, in a file that nobody but its owner can read. */
    static PrivateKey privateKey(Path file) throws NodeException {
        try {
            byte[] text = read(file);
            if (!OWNER.containsAll(Files.getPosixFilePermissions(file))) {
                throw new NodeException(
                        Exit.LOCAL, file + ": others may read it; run: chmod 600 " + file);
            }
            byte[] pkcs8 = PemText.block(text, "PRIVATE KEY");
            try {
                return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } finally {
                Arrays.fill(pkcs8, (byte) 0);
            }
        } catch (GeneralSecurityException | MalformedEncodingException | IOException e) {
            throw new NodeException(
                    Exit.LOCAL, file + ": expected an EC private key, PKCS#8 in PEM", e);
        }
    }

    private static byte[] read(Path file) throws IOException, NodeException {
        if (!Files.isReadable(file)) {
            throw new NodeException(
                    Exit.LOCAL,
                    file
                            + ": no such file, or not readable by this user; see identity in the"
                            + " configuration");
        }
        if (Files.size(file) > MAX_FILE_BYTES) {
            throw new IOException(file + ": more than " + MAX_FILE_BYTES + " bytes");
        }
        return Files.readAllBytes(file);
    }
}
