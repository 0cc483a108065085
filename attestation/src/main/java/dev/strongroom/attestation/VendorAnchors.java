package dev.strongroom.attestation;

import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.snp.ProductLine;
import dev.strongroom.attestation.snp.SnpRoots;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The hardware vendors' roots, each pinned by the SHA-256 of the whole self-signed certificate. The
 * certificates themselves arrive with the evidence; a different one under the same name is not a
 * root.
 *
 * <p>Immutable and thread-safe.
 */
public final class VendorAnchors implements TrustAnchors {
    /** "Intel SGX Root CA", https://certificates.trustedservices.intel.com */
    public static final Digest INTEL =
            new Digest("44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3");

    /**
     * "aws.nitro-enclaves", G1,
     * https://aws-nitro-enclaves.amazonaws.com/AWS_NitroEnclaves_Root-G1.zip
     */
    public static final Digest AWS =
            new Digest("641a0321a3e244efe456463195d606317ed7cdcc3c1756e09893f3c68f79bb5b");

    /** "NVIDIA Device Identity CA" of nvtrust */
    public static final Digest NVIDIA =
            new Digest("102bf659d5419614c9d8e6aecebc80454eb26b1df6a769ac720b9a690b167b48");

    private static final int AMD_RSA_BITS = 4096; // ARK, ASK and ASVK of every line so far

    private static final SnpRoots AMD =
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
                                    "54467b96b8baf21dd42ef7162a62ec7812c5231ef301790e37a84b822ae6f459")));

    static final VendorAnchors PINNED = new VendorAnchors();

    private final Set<Digest> roots = new TreeSet<>(AMD.lines().keySet());

    private VendorAnchors() {
        roots.addAll(Set.of(INTEL, AWS, NVIDIA));
    }

    @Override
    public Tee tee() {
        return Tee.HARDWARE;
    }

    @Override
    public boolean believes(Digest rootCertificate) {
        return roots.contains(rootCertificate);
    }

    @Override
    public Digest fingerprint() {
        var canonical = Canonical.of("strongroom/trust-anchors", 1);
        roots.forEach(root -> canonical.bytes(root.bytes()));
        return Digest.sha256(canonical.toByteArray());
    }

    @Override
    public SnpRoots snpRoots() {
        return AMD;
    }
}
