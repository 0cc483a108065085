package dev.strongroom.crypto.custody.bcfks;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.rules.CarrierBody;
import dev.strongroom.crypto.custody.rules.KeyName;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** Makes key pairs and puts them into a key store, each with its carrier certificate. */
enum KeyPairs {
    /** Import keys. */
    RSA_3072("RSA", "SHA256withRSA"),
    /** Signing keys. */
    P_256("EC", "SHA256withECDSA");

    private final String algorithm;
    private final String signature;

    KeyPairs(String algorithm, String signature) {
        this.algorithm = algorithm;
        this.signature = signature;
    }

    private AlgorithmParameterSpec parameters() {
        return switch (this) {
            case RSA_3072 -> new RSAKeyGenParameterSpec(3072, RSAKeyGenParameterSpec.F4);
            case P_256 -> new ECGenParameterSpec("secp256r1");
        };
    }

    private AlgorithmIdentifier signatureId() {
        return new AlgorithmIdentifier(
                switch (this) {
                    case RSA_3072 -> PKCSObjectIdentifiers.sha256WithRSAEncryption;
                    case P_256 -> X9ObjectIdentifiers.ecdsa_with_SHA256;
                });
    }

    void addTo(Entries entries, KeyName name, SecureRandom random)
            throws GeneralSecurityException, CustodyException {
        entries.requireAbsent(name);
        var generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(parameters(), random);
        KeyPair pair = generator.generateKeyPair();
        entries.addPair(name, pair, carrier(name, pair));
    }

    private java.security.cert.Certificate carrier(KeyName name, KeyPair pair)
            throws GeneralSecurityException {
        var key = SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded());
        TBSCertificate body = CarrierBody.of(name.label(), key, signatureId());
        try {
            Signature signer = Signature.getInstance(signature);
            signer.initSign(pair.getPrivate());
            signer.update(body.getEncoded(ASN1Encoding.DER));
            var certificate = new Certificate(body, signatureId(), new DERBitString(signer.sign()));
            return CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(certificate.getEncoded()));
        } catch (IOException e) {
            throw new IllegalStateException("our own certificate does not encode", e);
        }
    }
}
