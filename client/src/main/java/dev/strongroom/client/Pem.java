package dev.strongroom.client;

import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.attestation.encoding.PemText;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.List;

/** RFC 7468 text of certificates and unencrypted PKCS#8 keys, and nothing else. */
final class Pem {
    private static final int MAX_FILE_BYTES = 256 * 1024; // a chain of ten is under 32 KiB
    private static final String KEY = "PRIVATE KEY";
    private static final String PUBLIC_KEY = "PUBLIC KEY";
    private static final String CERTIFICATE = "CERTIFICATE";

    private Pem() {}

    /** An EC private key; the file must be readable by its owner only. */
    static PrivateKey readPrivateKey(Path file) throws ClientException, IOException {
        LocalFiles.requireOwnerOnly(file);
        byte[] pkcs8 = block(file, KEY);
        try {
            return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (GeneralSecurityException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL,
                    file + " is not a PKCS#8 EC private key",
                    "give a key made by `strongroom owner init` or `strongroom identity create`",
                    e);
        } finally {
            Arrays.fill(pkcs8, (byte) 0);
        }
    }

    static List<X509Certificate> readCertificates(Path file) throws ClientException, IOException {
        byte[] text = read(file);
        try {
            return CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(text))
                    .stream()
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (GeneralSecurityException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL,
                    file + " is not a list of PEM certificates",
                    "create the identity again: strongroom identity create",
                    e);
        }
    }

    static byte[] ofPrivateKey(byte[] pkcs8) {
        return PemText.write(KEY, pkcs8);
    }

    static byte[] ofCertificate(byte[] der) {
        return PemText.write(CERTIFICATE, der);
    }

    static byte[] ofCertificates(List<byte[]> ders) {
        var text = new ByteArrayOutputStream();
        ders.forEach(der -> text.writeBytes(ofCertificate(der)));
        return text.toByteArray();
    }

    static byte[] ofPublicKey(byte[] spki) {
        return PemText.write(PUBLIC_KEY, spki);
    }

    /** SubjectPublicKeyInfo, not parsed yet. */
    static byte[] readPublicKey(Path file) throws ClientException, IOException {
        return block(file, PUBLIC_KEY);
    }

    private static byte[] block(Path file, String label) throws ClientException, IOException {
        try {
            return PemText.block(read(file), label);
        } catch (MalformedEncodingException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL,
                    file + ": " + e.getMessage(),
                    "restore the file; an encrypted or traditional key must be converted: openssl"
                            + " pkcs8 -topk8 -nocrypt",
                    e);
        }
    }

    private static byte[] read(Path file) throws ClientException, IOException {
        if (!Files.isRegularFile(file)) {
            throw ClientException.local(
                    file + " is missing",
                    "create the identity: strongroom identity create, or name another --context");
        }
        if (Files.size(file) > MAX_FILE_BYTES) {
            throw ClientException.local(
                    file + ": expected at most " + MAX_FILE_BYTES + " bytes", "restore the file");
        }
        return Files.readAllBytes(file);
    }
}
