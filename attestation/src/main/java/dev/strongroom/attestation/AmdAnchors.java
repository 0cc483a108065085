package dev.strongroom.attestation;

import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.snp.ProductLine;
import dev.strongroom.attestation.snp.SnpRoots;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * AMD's roots, pinned by the SHA-256 of the whole self-signed ARK certificate. The certificates
 * themselves arrive with the evidence; a different one under the same name is not a root.
 *
 * <p>Immutable and thread-safe.
 */
public final class AmdAnchors implements TrustAnchors {
    private static final int AMD_RSA_BITS = 4096; // ARK, ASK and ASVK of every line so far

    static final AmdAnchors PINNED =
            new AmdAnchors(
                    new SnpRoots(
                            Map.of(
                                    // https://kdsintf.amd.com/vcek/v1/{Milan,Genoa,Turin}/cert_chain
                                    new Digest(
                                            "69d063b45344d26a2e94e1f4210de49ef555308287d4c174445c95639a540bcd"),
                                    ProductLine.MILAN,
                                    new Digest(
                                            "4c6598d19c18719c5dfd4a7d335f674e5bfe1d8f800cea2cf270c10d103db2f1"),
                                    ProductLine.GENOA,
                                    new Digest(
                                            "1f084161a44bb6d93778a904877d4819cafa5d05ef4193b2ded9dd9c73dd3f6a"),
                                    ProductLine.TURIN),
                            AMD_RSA_BITS,
                            Set.of(
                                    // SEV-Genoa 0x020001, revoked by the list of 31 October 2022
                                    new Digest(
                                            "54467b96b8baf21dd42ef7162a62ec7812c5231ef301790e37a84b822ae6f459")),
                            List.of()));

    private final SnpRoots snpRoots;

    private AmdAnchors(SnpRoots snpRoots) {
        this.snpRoots = snpRoots;
    }

    /**
     * The same roots with their certificate revocation lists (DER). Once any list is given, a chain
     * is refused unless a fresh list of its own root says nothing against it.
     */
    public AmdAnchors withRevocationLists(List<byte[]> crls) {
        return new AmdAnchors(snpRoots.withRevocationLists(crls));
    }

    @Override
    public Tee tee() {
        return Tee.SEV_SNP;
    }

    @Override
    public Digest fingerprint() {
        var canonical = Canonical.of("strongroom/trust-anchors", 1);
        new TreeSet<>(snpRoots.lines().keySet()).forEach(root -> canonical.bytes(root.bytes()));
        return Digest.sha256(canonical.toByteArray());
    }

    @Override
    public SnpRoots snpRoots() {
        return snpRoots;
    }
}
