package dev.strongroom.attestation.tdx;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate in Intel's shape, whose every detail a test can get wrong before it is issued. */
final class TestCertificate {
    static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    static final Provider PROVIDER = new BouncyCastleProvider();
    private static final Duration DAY = Duration.ofDays(1);

    /** By name: making keys takes longer than everything else. */
    private static final Map<String, KeyPair> KEYS = new ConcurrentHashMap<>();

    final TreeMap<String, byte[]> extensions = new TreeMap<>();
    String name;
    String issuerName;
    KeyPair key;
    KeyPair issuerKey;
    BigInteger serial;
    boolean isAuthority;
    int usage;
    Instant notBefore = NOW.minus(DAY);
    Instant notAfter = NOW.plus(DAY);
    String algorithm = "SHA256withECDSA";
    boolean unknownCriticalExtension;

    private Optional<byte[]> issued = Optional.empty();

    private TestCertificate(String name, int serial, int usage) {
        this.name = name;
        this.key = KEYS.computeIfAbsent(name, _ -> ec("secp256r1"));
        this.issuerName = name;
        this.issuerKey = key;
        this.serial = BigInteger.valueOf(serial);
        this.usage = usage;
    }

    static TestCertificate authority(String name, int serial) {
        var certificate =
                new TestCertificate(name, serial, KeyUsage.keyCertSign | KeyUsage.cRLSign);
        certificate.isAuthority = true;
        return certificate;
    }

    static TestCertificate leaf(String name, int serial) {
        return new TestCertificate(
                name, serial, KeyUsage.digitalSignature | KeyUsage.nonRepudiation);
    }

    TestCertificate under(TestCertificate issuer) {
        issuerName = issuer.name;
        issuerKey = issuer.key;
        return this;
    }

    /** Issued once, with everything as it is by then: each signature would be another one. */
    byte[] encoded() {
        if (issued.isEmpty()) {
            issued = Optional.of(issue());
        }
        return issued.get();
    }

    private byte[] issue() {
        try {
            var builder =
                    new JcaX509v3CertificateBuilder(
                            distinguished(issuerName),
                            serial,
                            Date.from(notBefore),
                            Date.from(notAfter),
                            distinguished(name),
                            key.getPublic());
            builder.addExtension(
                    Extension.basicConstraints, true, new BasicConstraints(isAuthority));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
            for (var extension : extensions.entrySet()) {
                builder.addExtension(
                        new ASN1ObjectIdentifier(extension.getKey()), false, extension.getValue());
            }
            if (unknownCriticalExtension) {
                builder.addExtension(new ASN1ObjectIdentifier("1.2.3.4"), true, DERNull.INSTANCE);
            }
            return builder.build(signer(issuerKey, algorithm)).getEncoded();
        } catch (IOException e) {
            throw new IllegalStateException("encoding to memory", e);
        }
    }

    static X500Name distinguished(String commonName) {
        return new X500Name("O=Strongroom test,CN=" + commonName);
    }

    static ContentSigner signer(KeyPair key, String algorithm) {
        try {
            return new JcaContentSignerBuilder(algorithm)
                    .setProvider(PROVIDER)
                    .build(key.getPrivate());
        } catch (OperatorCreationException e) {
            throw new IllegalStateException(algorithm, e);
        }
    }

    static KeyPair ec(String curve) {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(curve));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(curve, e);
        }
    }
}
