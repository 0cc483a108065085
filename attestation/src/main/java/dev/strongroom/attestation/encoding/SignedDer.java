package dev.strongroom.attestation.encoding;

/**
 * Certificates and revocation lists (RFC 5280): a signed part, the algorithm, the signature. Bytes
 * around the signed part are covered by nothing, so they must have their only spelling: else one
 * object has many encodings, and a digest of it names only one of them.
 */
public final class SignedDer {
    private SignedDer() {}

    /**
     * Whether the outer algorithm of a certificate is the inner one to the bit, the signature a
     * whole number of octets, and nothing follows.
     */
    public static boolean isCanonicalCertificate(byte[] encoded) {
        try {
            Der certificate = Der.whole(encoded, Der.SEQUENCE);
            Der signed = certificate.first().require(Der.SEQUENCE);
            Der version = signed.first().require(Der.EXPLICIT_0);
            Der serial = version.next(signed).require(Der.INTEGER);
            Der algorithm = serial.next(signed).require(Der.SEQUENCE);
            return isCanonical(certificate, signed, algorithm);
        } catch (MalformedEncodingException e) {
            return false;
        }
    }

    /** The same for a revocation list of version 2. */
    public static boolean isCanonicalList(byte[] encoded) {
        try {
            Der list = Der.whole(encoded, Der.SEQUENCE);
            Der signed = list.first().require(Der.SEQUENCE);
            Der version = signed.first().require(Der.INTEGER);
            Der algorithm = version.next(signed).require(Der.SEQUENCE);
            return isCanonical(list, signed, algorithm);
        } catch (MalformedEncodingException e) {
            return false;
        }
    }

    private static boolean isCanonical(Der whole, Der signed, Der signedAlgorithm)
            throws MalformedEncodingException {
        Der algorithm = signed.next(whole).require(Der.SEQUENCE);
        Der signature = algorithm.next(whole).require(Der.BIT_STRING);
        return signature.end() == whole.end()
                && signature.value().length > 0
                && signature.value()[0] == 0
                && algorithm.sameValue(signedAlgorithm);
    }
}
