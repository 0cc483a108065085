package dev.strongroom.attestation.snp;

import dev.strongroom.attestation.Digest;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The roots an SNP chain may end in.
 *
 * @param lines SHA-256 of a whole root certificate → the product line it stands for
 * @param rsaBits exact modulus size of root and intermediate keys
 * @param revokedIntermediates SHA-256 of whole ASK or ASVK certificates that are known to be
 *     revoked
 * @param revocationLists lists signed by these roots; without any only the known revocations count
 */
public record SnpRoots(
        Map<Digest, ProductLine> lines,
        int rsaBits,
        Set<Digest> revokedIntermediates,
        List<X509CRL> revocationLists) {
    public SnpRoots {
        lines = Map.copyOf(lines);
        revokedIntermediates = Set.copyOf(revokedIntermediates);
        revocationLists = List.copyOf(revocationLists);
    }

    /**
     * The same roots with these lists (DER) instead.
     *
     * @throws IllegalArgumentException if one does not parse, or none is given
     */
    public SnpRoots withRevocationLists(List<byte[]> crls) {
        if (crls.isEmpty()) {
            throw new IllegalArgumentException("revocation lists: expected at least one");
        }
        var parsed = new ArrayList<X509CRL>();
        try {
            var factory = CertificateFactory.getInstance("X.509");
            for (byte[] crl : crls) {
                parsed.add((X509CRL) factory.generateCRL(new ByteArrayInputStream(crl)));
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("revocation list: expected an X.509 CRL, DER", e);
        }
        return new SnpRoots(lines, rsaBits, revokedIntermediates, parsed);
    }
}
