package dev.strongroom.enclave.lease;

import com.google.protobuf.ByteString;
import dev.strongroom.crypto.format.VaultIdentity;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;

/**
 * The certificates that the vault gave this node for its TLS key: a leaf and the CA that issues,
 * and of an earlier CA that still counts its word for that one and its own certificate. Only
 * authorities that the pinned identity names are believed.
 */
final class IssuedChain {
    private IssuedChain() {}

    /**
     * Checks what the vault sent for a request of this node's.
     *
     * @param tlsSpki the key that a certificate was asked for
     * @return leaf first
     */
    static List<X509Certificate> check(
            List<ByteString> encoded, byte[] tlsSpki, VaultIdentity vault, Instant now)
            throws LeaseException {
        List<byte[]> authorities = vault.caCertificates();
        Integrity.require(
                encoded.size() == 2 * authorities.size(),
                "TLS certificate: expected a leaf and the vault's CA, and of an earlier CA that"
                        + " still counts its word for that one and its own certificate");
        try {
            List<X509Certificate> chain = certificates(encoded);
            requireAuthority(chain.get(1), authorities.getFirst());
            chain.get(0).verify(chain.get(1).getPublicKey());
            chain.get(0).checkValidity(Date.from(now));
            if (authorities.size() > 1) {
                requireEarlier(chain, authorities.getLast());
            }
            Integrity.require(
                    Arrays.equals(chain.get(0).getPublicKey().getEncoded(), tlsSpki),
                    "TLS certificate: it is for another key than this node's");
            return chain;
        } catch (GeneralSecurityException e) {
            throw new LeaseException(
                    LeaseException.Kind.INTEGRITY,
                    "TLS certificate: not a valid one of the vault's CA",
                    e);
        }
    }

    private static List<X509Certificate> certificates(List<ByteString> encoded)
            throws GeneralSecurityException {
        List<X509Certificate> certificates = new ArrayList<>();
        var factory = CertificateFactory.getInstance("X.509");
        for (ByteString der : encoded) {
            certificates.add(
                    (X509Certificate)
                            factory.generateCertificate(
                                    new ByteArrayInputStream(der.toByteArray())));
        }
        return certificates;
    }

    private static void requireAuthority(X509Certificate shown, byte[] named)
            throws GeneralSecurityException, LeaseException {
        Integrity.require(
                Arrays.equals(shown.getEncoded(), named),
                "TLS certificate: its issuer is not the pinned vault's CA");
    }

    private static void requireEarlier(List<X509Certificate> chain, byte[] named)
            throws GeneralSecurityException, LeaseException {
        requireAuthority(chain.get(3), named);
        chain.get(2).verify(chain.get(3).getPublicKey());
        Integrity.require(
                chain.get(2).getPublicKey().equals(chain.get(1).getPublicKey()),
                "TLS certificate: the earlier CA speaks for another key");
    }
}
