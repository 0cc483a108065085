package dev.strongroom.client;

import dev.strongroom.attestation.encoding.Cmw;
import dev.strongroom.crypto.format.P256;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A small certificate authority, made anew for each test. */
final class TestCertificates {
    private final SecureRandom random = new SecureRandom();
    private final KeyPair keys = P256.newKeyPair(random);
    private final X509Certificate certificate;

    TestCertificates() throws Exception {
        var builder = builder("CN=test CA", "CN=test CA", keys);
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        certificate = sign(builder);
    }

    X509Certificate certificate() {
        return certificate;
    }

    X509Certificate leaf(KeyPair of, String dnsName) throws Exception {
        var builder = builder("CN=test CA", "CN=" + dnsName, of);
        builder.addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(new GeneralName(GeneralName.dNSName, dnsName)));
        return sign(builder);
    }

    /** Signed by its own key, with an extension that carries a node's evidence. */
    static X509Certificate attested(KeyPair of, byte[] answer) throws Exception {
        var other = new TestCertificates();
        var builder = other.builder("CN=node", "CN=node", of);
        builder.addExtension(
                new ASN1ObjectIdentifier(Cmw.EXTENSION),
                false,
                new Cmw("application/vnd.strongroom.node-evidence.v1", answer, Cmw.EVIDENCE)
                        .encodeExtension());
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(
                                new JcaContentSignerBuilder("SHA256withECDSA")
                                        .build(of.getPrivate())));
    }

    /** An identity that this authority certified. */
    Profile profile(Path folder) throws Exception {
        KeyPair of = P256.newKeyPair(random);
        Files.createDirectories(folder);
        Files.write(folder.resolve("ca.pem"), Pem.ofCertificate(certificate.getEncoded()));
        Files.write(folder.resolve("cert.pem"), Pem.ofCertificate(leaf(of, "client").getEncoded()));
        LocalFiles.createSecret(
                folder.resolve("key.pem"), Pem.ofPrivateKey(of.getPrivate().getEncoded()));
        return new Profile(folder);
    }

    private JcaX509v3CertificateBuilder builder(String issuer, String subject, KeyPair of) {
        Instant now = Instant.now();
        return new JcaX509v3CertificateBuilder(
                new X500Principal(issuer),
                new BigInteger(64, random).abs(),
                Date.from(now.minus(Duration.ofHours(1))),
                Date.from(now.plus(Duration.ofHours(1))),
                new X500Principal(subject),
                of.getPublic());
    }

    private X509Certificate sign(JcaX509v3CertificateBuilder builder) throws Exception {
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(
                                new JcaContentSignerBuilder("SHA256withECDSA")
                                        .build(keys.getPrivate())));
    }
}
