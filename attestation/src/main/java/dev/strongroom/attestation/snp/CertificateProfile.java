package dev.strongroom.attestation.snp;

import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The algorithms AMD uses, and nothing else: a certificate does not get to choose. */
final class CertificateProfile {
    private static final String RSASSA_PSS_OID = "1.2.840.113549.1.1.10";
    private static final PSSParameterSpec PSS =
            new PSSParameterSpec(
                    "SHA-384",
                    "MGF1",
                    MGF1ParameterSpec.SHA384,
                    48,
                    PSSParameterSpec.TRAILER_FIELD_BC);

    private CertificateProfile() {}

    /** Whether {@code issuer} signed with RSASSA-PSS, SHA-384, MGF1 over SHA-384, salt 48. */
    static boolean signedBy(X509Certificate certificate, PublicKey issuer) {
        try {
            return RSASSA_PSS_OID.equals(certificate.getSigAlgOID())
                    && hasPinnedParameters(certificate.getSigAlgParams())
                    && verifies(
                            issuer, certificate.getTBSCertificate(), certificate.getSignature());
        } catch (GeneralSecurityException e) {
            return false; // an encoding or a key that the algorithm does not take
        }
    }

    static boolean verifies(PublicKey issuer, byte[] message, byte[] signature)
            throws GeneralSecurityException {
        Signature pss = Signature.getInstance("RSASSA-PSS");
        pss.setParameter(PSS);
        pss.initVerify(issuer);
        pss.update(message);
        return pss.verify(signature);
    }

    static boolean hasPinnedParameters(byte @Nullable [] encoded) throws GeneralSecurityException {
        if (encoded == null) {
            return false;
        }
        var parameters = AlgorithmParameters.getInstance("RSASSA-PSS");
        try {
            parameters.init(encoded);
        } catch (IOException e) {
            return false;
        }
        PSSParameterSpec spec = parameters.getParameterSpec(PSSParameterSpec.class);
        return spec.getDigestAlgorithm().equals(PSS.getDigestAlgorithm())
                && spec.getMGFAlgorithm().equals(PSS.getMGFAlgorithm())
                && spec.getMGFParameters() instanceof MGF1ParameterSpec mgf
                && mgf.getDigestAlgorithm().equals(MGF1ParameterSpec.SHA384.getDigestAlgorithm())
                && spec.getSaltLength() == PSS.getSaltLength()
                && spec.getTrailerField() == PSS.getTrailerField();
    }

    static boolean isRsa(PublicKey key, int bits) {
        return key instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() == bits;
    }

    static boolean isP384(PublicKey key) {
        if (!(key instanceof ECPublicKey ec)) {
            return false;
        }
        try {
            var parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec("secp384r1"));
            ECParameterSpec p384 = parameters.getParameterSpec(ECParameterSpec.class);
            return ec.getParams().getCurve().equals(p384.getCurve())
                    && ec.getParams().getGenerator().equals(p384.getGenerator())
                    && ec.getParams().getOrder().equals(p384.getOrder());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-384", e);
        }
    }

    /** The common name in RFC 2253 form of a distinguished name, or an empty string. */
    static String commonName(String rfc2253) {
        return Arrays.stream(rfc2253.split(",", -1))
                .filter(part -> part.startsWith("CN="))
                .map(part -> part.substring("CN=".length()))
                .findFirst()
                .orElse("");
    }
}
