package dev.strongroom.enclave.lease;

import dev.strongroom.attestation.encoding.Cmw;
import dev.strongroom.attestation.guest.GuestException;
import dev.strongroom.crypto.format.AttestedName;
import dev.strongroom.crypto.format.Lease;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Date;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * Makes the certificate that needs no authority: self-signed by the attested TLS key, good for one
 * lease, with the node's evidence and everything it speaks for in a CMW extension.
 *
 * <p>Thread-safe as far as the guest is.
 */
public final class AttestedCertificate {
    /** Of the extension's value, an encoded {@code GetEvidenceResponse}. */
    public static final String MEDIA_TYPE = "application/vnd.strongroom.node-evidence.v1";

    private static final int SERIAL_BITS = 127;
    private static final AlgorithmIdentifier ECDSA =
            new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);

    private final SecureRandom random;

    public AttestedCertificate(SecureRandom random) {
        this.random = random;
    }

    /**
     * A certificate for a grant.
     *
     * @return empty when evidence and documents are too large for a handshake: callers then ask for
     *     them on the channel
     */
    public Optional<X509Certificate> make(Grant grant, ServingProof proof) throws GuestException {
        byte[] answer = proof.afterLease(grant).toByteArray();
        if (answer.length > Cmw.MAX_VALUE_BYTES) {
            return Optional.empty();
        }
        var message = new Cmw(MEDIA_TYPE, answer, Cmw.EVIDENCE | Cmw.ENDORSEMENTS);
        try {
            return Optional.of(sign(tbs(grant, message), grant.tlsKey()));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("a certificate in memory does not encode", e);
        }
    }

    private TBSCertificate tbs(Grant grant, Cmw message) throws IOException {
        Lease lease = grant.lease();
        var name = new X500Name("CN=strongroom-node");
        var generator = new V3TBSCertificateGenerator();
        generator.setSerialNumber(
                new ASN1Integer(new BigInteger(SERIAL_BITS, random).add(BigInteger.ONE)));
        generator.setSignature(ECDSA);
        generator.setIssuer(name);
        generator.setSubject(name);
        generator.setStartDate(new Time(Date.from(lease.issuedAt())));
        generator.setEndDate(new Time(Date.from(lease.notAfter())));
        generator.setSubjectPublicKeyInfo(SubjectPublicKeyInfo.getInstance(grant.tlsSpki()));
        generator.setExtensions(
                new Extensions(
                        new Extension[] {
                            new Extension(
                                    Extension.subjectAlternativeName,
                                    false,
                                    new DEROctetString(names(lease))),
                            new Extension(
                                    new ASN1ObjectIdentifier(Cmw.EXTENSION),
                                    false,
                                    new DEROctetString(message.encodeExtension()))
                        }));
        return generator.generateTBSCertificate();
    }

    private static GeneralNames names(Lease lease) {
        return new GeneralNames(
                new GeneralName(GeneralName.dNSName, AttestedName.of(lease.model().tenant())));
    }

    private static X509Certificate sign(TBSCertificate tbs, PrivateKey key)
            throws GeneralSecurityException, IOException {
        var signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(key);
        signature.update(tbs.getEncoded(ASN1Encoding.DER));
        var parts = new ASN1EncodableVector();
        parts.add(tbs);
        parts.add(ECDSA);
        parts.add(new DERBitString(signature.sign()));
        byte[] der = new DERSequence(parts).getEncoded(ASN1Encoding.DER);
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(der));
    }
}
