package dev.strongroom.serving.access;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Issues certificates as a vault's CA does. */
public final class TestAuthority {
    /** A key with its certificate chain. */
    public record Issued(PrivateKey key, List<X509Certificate> chain) {}

    private final SecureRandom random = new SecureRandom();
    private final X500Name name = new X500Name("CN=test CA");
    private final KeyPair keys = keyPair();
    private final X509Certificate certificate;

    public TestAuthority() {
        var end = Instant.now().plus(Duration.ofDays(10));
        certificate = issue(name, keys, end, true, new GeneralName[0]);
    }

    public X509Certificate certificate() {
        return certificate;
    }

    public Issued server() {
        return issue(Instant.now().plus(Duration.ofDays(1)), serverNames());
    }

    private static GeneralName[] serverNames() {
        return new GeneralName[] {
            new GeneralName(GeneralName.dNSName, "localhost"),
            new GeneralName(GeneralName.iPAddress, "127.0.0.1")
        };
    }

    public Issued client(String tenant, String role) {
        return client("spiffe://strongroom/" + tenant + "/" + role + "/somebody");
    }

    public Issued client(String... uris) {
        var names = new GeneralName[uris.length];
        for (int i = 0; i < uris.length; i++) {
            names[i] = new GeneralName(GeneralName.uniformResourceIdentifier, uris[i]);
        }
        return issue(Instant.now().plus(Duration.ofDays(1)), names);
    }

    /** Of a group that the vault's operator gave him. */
    public Issued member(String uri, String group) {
        var subject = keyPair();
        var names = new GeneralName[] {new GeneralName(GeneralName.uniformResourceIdentifier, uri)};
        var leaf =
                issue(
                        new X500Name("CN=leaf,O=" + group),
                        subject,
                        Instant.now().plus(Duration.ofDays(1)),
                        false,
                        names);
        return new Issued(subject.getPrivate(), List.of(leaf, certificate));
    }

    public Issued expired(String tenant, String role) {
        return issue(
                Instant.now().minus(Duration.ofHours(1)),
                new GeneralName(
                        GeneralName.uniformResourceIdentifier,
                        "spiffe://strongroom/" + tenant + "/" + role + "/somebody"));
    }

    /** Another certificate for the same key. */
    public Issued renewed(Issued before) {
        return renewed(before, Instant.now().plus(Duration.ofDays(2)), serverNames());
    }

    /** Another certificate for the same key, for these host names. */
    Issued renewed(Issued before, Instant end, String... hosts) {
        var names = new GeneralName[hosts.length];
        for (int i = 0; i < hosts.length; i++) {
            names[i] = new GeneralName(GeneralName.dNSName, hosts[i]);
        }
        return renewed(before, end, names);
    }

    private Issued renewed(Issued before, Instant end, GeneralName... names) {
        var subject = new KeyPair(before.chain().getFirst().getPublicKey(), before.key());
        var leaf = issue(new X500Name("CN=leaf"), subject, end, false, names);
        return new Issued(before.key(), List.of(leaf, certificate));
    }

    private Issued issue(Instant notAfter, GeneralName... names) {
        var subject = keyPair();
        var leaf = issue(new X500Name("CN=leaf"), subject, notAfter, false, names);
        return new Issued(subject.getPrivate(), List.of(leaf, certificate));
    }

    private X509Certificate issue(
            X500Name subject, KeyPair of, Instant notAfter, boolean isCa, GeneralName[] names) {
        try {
            var builder =
                    new JcaX509v3CertificateBuilder(
                            name,
                            new BigInteger(64, random),
                            Date.from(Instant.now().minus(Duration.ofDays(1))),
                            Date.from(notAfter),
                            subject,
                            of.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isCa));
            if (names.length > 0) {
                builder.addExtension(
                        Extension.subjectAlternativeName, false, new GeneralNames(names));
            }
            var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(
                                    new ByteArrayInputStream(builder.build(signer).getEncoded()));
        } catch (GeneralSecurityException | OperatorException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair keyPair() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
