package dev.strongroom.agent;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERGeneralizedTime;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERUTCTime;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V1TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * A certificate that says nothing but its key: key stores and TLS want one. Whoever calls the agent
 * compares the key and reads nothing else of it.
 */
final class SelfSigned {
    private static final AlgorithmIdentifier ECDSA =
            new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
    private static final AlgorithmIdentifier RSA = rsa();

    private SelfSigned() {}

    static X509Certificate of(KeyPair keys) {
        boolean isRsa = keys.getPublic().getAlgorithm().equals("RSA");
        AlgorithmIdentifier algorithm = isRsa ? RSA : ECDSA;
        try {
            TBSCertificate tbs = body(keys, algorithm);
            var signature = Signature.getInstance(isRsa ? "SHA256withRSA" : "SHA256withECDSA");
            signature.initSign(keys.getPrivate());
            signature.update(tbs.getEncoded(ASN1Encoding.DER));
            var parts = new ASN1EncodableVector();
            parts.add(tbs);
            parts.add(algorithm);
            parts.add(new DERBitString(signature.sign()));
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(
                                    new ByteArrayInputStream(
                                            new DERSequence(parts).getEncoded(ASN1Encoding.DER)));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("a certificate in memory does not encode", e);
        }
    }

    private static TBSCertificate body(KeyPair keys, AlgorithmIdentifier algorithm) {
        var name = new X500Name("CN=strongroom-agent");
        var generator = new V1TBSCertificateGenerator();
        generator.setSerialNumber(new ASN1Integer(1));
        generator.setSignature(algorithm);
        generator.setIssuer(name);
        generator.setSubject(name);
        generator.setStartDate(new Time(new DERUTCTime("000101000000Z")));
        generator.setEndDate(new Time(new DERGeneralizedTime("99991231235959Z")));
        generator.setSubjectPublicKeyInfo(
                SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded()));
        return generator.generateTBSCertificate();
    }

    private static AlgorithmIdentifier rsa() {
        ASN1ObjectIdentifier sha256 = PKCSObjectIdentifiers.sha256WithRSAEncryption;
        return new AlgorithmIdentifier(sha256, DERNull.INSTANCE);
    }
}
