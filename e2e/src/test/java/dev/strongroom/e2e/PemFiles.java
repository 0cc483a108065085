package dev.strongroom.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;

/** A certificate and its key as the files that every TLS program reads. */
final class PemFiles {
    private PemFiles() {}

    static X509Certificate certificate(Path file) throws Exception {
        try (InputStream in = Files.newInputStream(file)) {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    /** Makes {@code folder} with cert.pem and key.pem in it. */
    static void write(Path folder, X509Certificate certificate, KeyPair key) throws Exception {
        Files.createDirectory(folder);
        write(folder.resolve("cert.pem"), "CERTIFICATE", certificate.getEncoded());
        write(folder.resolve("key.pem"), "PRIVATE KEY", key.getPrivate().getEncoded());
    }

    private static void write(Path file, String type, byte[] encoded) throws IOException {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
        Files.writeString(
                file, "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(type, body));
    }
}
