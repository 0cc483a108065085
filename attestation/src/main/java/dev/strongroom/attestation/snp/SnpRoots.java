package dev.strongroom.attestation.snp;

import dev.strongroom.attestation.Digest;
import java.util.Map;
import java.util.Set;

/**
 * The roots an SNP chain may end in.
 *
 * @param lines SHA-256 of a whole root certificate → the product line it stands for
 * @param rsaBits exact modulus size of root and intermediate keys
 * @param revokedIntermediates SHA-256 of whole ASK or ASVK certificates that are known to be
 *     revoked
 */
public record SnpRoots(
        Map<Digest, ProductLine> lines, int rsaBits, Set<Digest> revokedIntermediates) {
    public SnpRoots {
        lines = Map.copyOf(lines);
        revokedIntermediates = Set.copyOf(revokedIntermediates);
    }
}
