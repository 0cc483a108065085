package dev.strongroom.crypto.custody.rules;

import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERGeneralizedTime;
import org.bouncycastle.asn1.DERUTCTime;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V1TBSCertificateGenerator;

/**
 * What is signed in a carrier certificate. Java's key stores keep a private key only beside a
 * certificate; a carrier is self-signed, of X.509 version 1, does not expire, and carries the
 * public key for it. Nobody trusts it.
 */
public final class CarrierBody {
    private CarrierBody() {}

    /**
     * The body for one key.
     *
     * @param name of the key, for the subject's common name
     * @param signature what the key signs itself with
     */
    public static TBSCertificate of(
            String name, SubjectPublicKeyInfo key, AlgorithmIdentifier signature) {
        X500Name subject = new X500NameBuilder().addRDN(BCStyle.CN, "strongroom " + name).build();
        var generator = new V1TBSCertificateGenerator();
        generator.setSerialNumber(new ASN1Integer(1));
        generator.setSignature(signature);
        generator.setIssuer(subject);
        generator.setStartDate(new Time(new DERUTCTime("000101000000Z")));
        generator.setEndDate(new Time(new DERGeneralizedTime("99991231235959Z")));
        generator.setSubject(subject);
        generator.setSubjectPublicKeyInfo(key);
        return generator.generateTBSCertificate();
    }
}
