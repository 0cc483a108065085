package dev.strongroom.testkit;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.TreeMap;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A chain whose root the verifier believes and whose every detail a test can get wrong: what a
 * careless or bribed authority could issue. Starts as a chain that verifies.
 */
final class HostileChain {
    static final String PINNED = "SHA384withRSAandMGF1";
    static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    private static final String AMD = "1.3.6.1.4.1.3704.1.";
    private static final Provider PROVIDER = new BouncyCastleProvider();
    private static final KeyPair ROOT = rsa(2048);
    private static final KeyPair ASK = rsa(2048);

    final TreeMap<String, byte[]> leafExtensions = new TreeMap<>();
    String rootSignature = PINNED;
    String askSignature = PINNED;
    String leafSignature = PINNED;
    String askName = "SEV-Genoa";
    String leafName = "SEV-VCEK";
    int askUsage = KeyUsage.keyCertSign;
    KeyPair ask = ASK;
    private final KeyPair honestLeaf = ec("secp384r1");
    KeyPair leaf = honestLeaf;
    boolean leafIsAuthority;
    boolean unknownCriticalExtension;
    Instant askNotAfter = NOW.plusSeconds(86_400);

    HostileChain(ChipConfig config) {
        extension("2", new DERIA5String("Genoa"));
        extension("3.1", new ASN1Integer(config.tcb().bootloader()));
        extension("3.2", new ASN1Integer(config.tcb().tee()));
        extension("3.3", new ASN1Integer(config.tcb().snp()));
        extension("3.8", new ASN1Integer(config.tcb().microcode()));
        leafExtensions.put("4", config.chipId());
    }

    HostileChain extension(String arcs, ASN1Encodable value) {
        try {
            leafExtensions.put(arcs, value.toASN1Primitive().getEncoded("DER"));
        } catch (IOException e) {
            throw new IllegalStateException("encoding to memory", e);
        }
        return this;
    }

    /** What signs reports: the leaf's key, or any P-384 key if the leaf has another kind. */
    PrivateKey reportKey() {
        return leaf == honestLeaf ? leaf.getPrivate() : ec("secp384r1").getPrivate();
    }

    byte[] root() {
        return issue(
                "ARK-Genoa",
                "ARK-Genoa",
                ROOT.getPublic(),
                ROOT,
                rootSignature,
                NOW.plusSeconds(86_400),
                new BasicConstraints(true),
                KeyUsage.keyCertSign | KeyUsage.cRLSign);
    }

    /** Leaf, intermediate, root. */
    List<byte[]> certificates(byte[] root) {
        byte[] intermediate =
                issue(
                        "ARK-Genoa",
                        askName,
                        ask.getPublic(),
                        ROOT,
                        askSignature,
                        askNotAfter,
                        new BasicConstraints(leafIsAuthority ? 1 : 0),
                        askUsage);
        return List.of(leaf(), intermediate, root);
    }

    private byte[] leaf() {
        try {
            var builder = builder(askName, leafName, leaf.getPublic(), NOW.plusSeconds(86_400));
            if (leafIsAuthority) {
                builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            }
            if (unknownCriticalExtension) {
                builder.addExtension(oid("99"), true, new ASN1Integer(1));
            }
            for (var extension : leafExtensions.entrySet()) {
                builder.addExtension(oid(extension.getKey()), false, extension.getValue());
            }
            return sign(builder, ask.getPrivate(), leafSignature);
        } catch (IOException e) {
            throw new IllegalStateException("encoding to memory", e);
        }
    }

    private static byte[] issue(
            String issuer,
            String subject,
            PublicKey key,
            KeyPair issuerKey,
            String signature,
            Instant notAfter,
            BasicConstraints constraints,
            int usage) {
        try {
            var builder = builder(issuer, subject, key, notAfter);
            builder.addExtension(Extension.basicConstraints, true, constraints);
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
            return sign(builder, issuerKey.getPrivate(), signature);
        } catch (IOException e) {
            throw new IllegalStateException("encoding to memory", e);
        }
    }

    private static JcaX509v3CertificateBuilder builder(
            String issuer, String subject, PublicKey key, Instant notAfter) {
        return new JcaX509v3CertificateBuilder(
                new X500Name("CN=" + issuer),
                BigInteger.ZERO,
                Date.from(NOW.minusSeconds(86_400)),
                Date.from(notAfter),
                new X500Name("CN=" + subject),
                key);
    }

    private static byte[] sign(
            JcaX509v3CertificateBuilder builder, PrivateKey key, String signature)
            throws IOException {
        try {
            return builder.build(
                            new JcaContentSignerBuilder(signature).setProvider(PROVIDER).build(key))
                    .getEncoded();
        } catch (OperatorCreationException e) {
            throw new IllegalStateException(signature, e);
        }
    }

    static KeyPair rsa(int bits) {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has RSA", e);
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

    private static ASN1ObjectIdentifier oid(String arcs) {
        return new ASN1ObjectIdentifier(AMD + arcs);
    }
}
