package dev.strongroom.attestation.tpm;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority that certifies attestation keys. */
record AkAuthority(X500Name name, KeyPair pair, byte[] certificate) {
    static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    static final String AK_CERTIFICATE = "2.23.133.8.3";
    static final String OTHER_USAGE = "1.3.6.1.5.5.7.3.2";

    static AkAuthority root(String name) throws Exception {
        KeyPair pair = SoftwareTpm.ecc("secp256r1", HashAlgorithm.SHA256).pair();
        var subject = new X500Name("CN=" + name);
        return new AkAuthority(subject, pair, authority(subject, pair, subject, pair.getPublic()));
    }

    AkAuthority intermediate(String other) throws Exception {
        KeyPair theirs = SoftwareTpm.ecc("secp256r1", HashAlgorithm.SHA256).pair();
        var subject = new X500Name("CN=" + other);
        return new AkAuthority(subject, theirs, authority(name, pair, subject, theirs.getPublic()));
    }

    byte[] certify(PublicKey key, String usage, Instant notAfter) throws Exception {
        return builder(name, new X500Name("CN=ak"), key, notAfter)
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                .addExtension(
                        Extension.extendedKeyUsage,
                        false,
                        new ExtendedKeyUsage(
                                KeyPurposeId.getInstance(new ASN1ObjectIdentifier(usage))))
                .build(signer(pair))
                .getEncoded();
    }

    /** A current list, with a certificate in it or none. */
    X509CRL list(byte[]... revoked) throws Exception {
        var builder =
                new JcaX509v2CRLBuilder(
                        new X500Principal(name.getEncoded()),
                        Date.from(NOW.minus(Duration.ofDays(1))));
        builder.setNextUpdate(Date.from(NOW.plus(Duration.ofDays(1))));
        for (byte[] certificate : revoked) {
            BigInteger serial = new X509CertificateHolder(certificate).getSerialNumber();
            builder.addCRLEntry(serial, Date.from(NOW.minus(Duration.ofHours(1))), 0);
        }
        byte[] encoded = builder.build(signer(pair)).getEncoded();
        return (X509CRL)
                CertificateFactory.getInstance("X.509")
                        .generateCRL(new ByteArrayInputStream(encoded));
    }

    private static byte[] authority(
            X500Name issuer, KeyPair issuerPair, X500Name subject, PublicKey key) throws Exception {
        return builder(issuer, subject, key, NOW.plus(Duration.ofDays(30)))
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
                .addExtension(
                        Extension.keyUsage,
                        true,
                        new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                .build(signer(issuerPair))
                .getEncoded();
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, PublicKey key, Instant notAfter) {
        return new JcaX509v3CertificateBuilder(
                issuer,
                BigInteger.valueOf((key.hashCode() & 0xffffL) | (1L << 20)),
                Date.from(NOW.minus(Duration.ofDays(30))),
                Date.from(notAfter),
                subject,
                key);
    }

    private static ContentSigner signer(KeyPair pair) throws Exception {
        return new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate());
    }
}
