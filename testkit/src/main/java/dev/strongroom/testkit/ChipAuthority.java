package dev.strongroom.testkit;

import dev.strongroom.attestation.snp.ProductLine;
import dev.strongroom.attestation.snp.TcbVersion;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Issues certificates in AMD's shape (57230), under names that only a test root stands for. */
final class ChipAuthority {
    private static final String AMD = "1.3.6.1.4.1.3704.1.";
    private static final Duration BACKDATED = Duration.ofHours(1); // clocks of one machine differ
    private static final Duration ROOT_LIFE = Duration.ofDays(3650);
    private static final Duration LEAF_LIFE = Duration.ofDays(365);

    static final BigInteger ROOT_SERIAL = BigInteger.valueOf(0x20000);
    static final BigInteger ASK_SERIAL = BigInteger.valueOf(0x20002);

    private static final Provider PROVIDER = new BouncyCastleProvider();

    private ChipAuthority() {}

    static KeyPair newRsa(SecureRandom random) throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048, random); // AMD has 4096; ours is made anew for every run
        return generator.generateKeyPair();
    }

    static byte[] root(KeyPair root, ProductLine line, Instant now) {
        var name = name("ARK-" + line.label());
        return authority(
                builder(name, ROOT_SERIAL, name, root.getPublic(), now, ROOT_LIFE),
                KeyUsage.keyCertSign | KeyUsage.cRLSign,
                new BasicConstraints(true),
                root.getPrivate());
    }

    static byte[] ask(PublicKey ask, PrivateKey root, ProductLine line, Instant now) {
        return authority(
                builder(
                        name("ARK-" + line.label()),
                        ASK_SERIAL,
                        name("SEV-" + line.label()),
                        ask,
                        now,
                        ROOT_LIFE),
                KeyUsage.keyCertSign,
                new BasicConstraints(0),
                root);
    }

    /** A VCEK certificate: serial number 0, as AMD has it. */
    static byte[] vcek(
            PublicKey vcek,
            PrivateKey ask,
            ProductLine line,
            byte[] chipId,
            TcbVersion tcb,
            Instant now) {
        var builder =
                builder(
                        name("SEV-" + line.label()),
                        BigInteger.ZERO,
                        name("SEV-VCEK"),
                        vcek,
                        now,
                        LEAF_LIFE);
        try {
            builder.addExtension(oid("1"), false, new ASN1Integer(0));
            builder.addExtension(oid("2"), false, new DERIA5String(line.label()));
            builder.addExtension(oid("3.1"), false, new ASN1Integer(tcb.bootloader()));
            builder.addExtension(oid("3.2"), false, new ASN1Integer(tcb.tee()));
            builder.addExtension(oid("3.3"), false, new ASN1Integer(tcb.snp()));
            builder.addExtension(oid("3.8"), false, new ASN1Integer(tcb.microcode()));
            if (line == ProductLine.TURIN) {
                builder.addExtension(oid("3.9"), false, new ASN1Integer(tcb.fmc().orElse(0)));
            }
            int idBytes = line == ProductLine.TURIN ? 8 : chipId.length;
            builder.addExtension(oid("4"), false, Arrays.copyOf(chipId, idBytes));
            return builder.build(signer(ask)).getEncoded();
        } catch (IOException e) {
            throw new IllegalStateException("encoding to memory", e);
        }
    }

    /** A list that names nobody, for the root's whole life. */
    static byte[] emptyRevocationList(PrivateKey root, ProductLine line, Instant now) {
        return revocationList(root, line, now.minus(BACKDATED), now.plus(ROOT_LIFE));
    }

    static byte[] revocationList(
            PrivateKey root,
            ProductLine line,
            Instant thisUpdate,
            Instant nextUpdate,
            BigInteger... revoked) {
        var builder = new X509v2CRLBuilder(name("ARK-" + line.label()), Date.from(thisUpdate));
        builder.setNextUpdate(Date.from(nextUpdate));
        for (BigInteger serial : revoked) {
            builder.addCRLEntry(serial, Date.from(thisUpdate), CRLReason.keyCompromise);
        }
        try {
            return builder.build(signer(root)).getEncoded();
        } catch (IOException e) {
            throw new IllegalStateException("encoding to memory", e);
        }
    }

    private static byte[] authority(
            X509v3CertificateBuilder builder,
            int usage,
            BasicConstraints constraints,
            PrivateKey issuer) {
        try {
            builder.addExtension(Extension.basicConstraints, true, constraints);
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
            return builder.build(signer(issuer)).getEncoded();
        } catch (IOException e) {
            throw new IllegalStateException("encoding to memory", e);
        }
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer,
            BigInteger serial,
            X500Name subject,
            PublicKey key,
            Instant now,
            Duration life) {
        return new JcaX509v3CertificateBuilder(
                issuer,
                serial,
                Date.from(now.minus(BACKDATED)),
                Date.from(now.plus(life)),
                subject,
                key);
    }

    private static ContentSigner signer(PrivateKey key) {
        try {
            // The JDK has no combined name for this signature; Bouncy Castle does.
            return new JcaContentSignerBuilder("SHA384withRSAandMGF1")
                    .setProvider(PROVIDER)
                    .build(key);
        } catch (OperatorCreationException e) {
            throw new IllegalStateException("RSASSA-PSS with SHA-384", e);
        }
    }

    private static X500Name name(String commonName) {
        return new X500Name("O=Strongroom simulated chip,CN=" + commonName);
    }

    private static ASN1ObjectIdentifier oid(String arcs) {
        return new ASN1ObjectIdentifier(AMD + arcs);
    }
}
