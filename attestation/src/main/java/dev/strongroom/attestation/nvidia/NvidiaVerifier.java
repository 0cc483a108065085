package dev.strongroom.attestation.nvidia;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.p384.RawSignature;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * Says whether a GPU's measurement report is authentic: parsed strictly, signed by a leaf whose
 * chain ends in a pinned root and that was certified for the firmware which the report names. What
 * the report answers is for the caller to compare: see {@link NvidiaReport#nonce()}.
 *
 * <p>NVIDIA revokes over OCSP only, which takes a network; nothing here asks it.
 *
 * <p>Immutable and thread-safe.
 */
public final class NvidiaVerifier {
    /** Every rule that can refuse, in the order in which they are checked. */
    public static final List<String> RULES =
            List.of(
                    "nvidia.format",
                    "nvidia.chain.certificate",
                    "nvidia.chain.keys",
                    "nvidia.endorsements",
                    "nvidia.signature",
                    "nvidia.chain.length",
                    "nvidia.chain.root",
                    "nvidia.chain.validity",
                    "nvidia.chain.usage",
                    "nvidia.chain.path",
                    "nvidia.leaf.firmware-id");

    private final Set<Digest> roots;
    private final Set<Digest> manifestRoots;
    private final Tee tee;

    /**
     * @param roots SHA-256 of whole root certificates of devices
     * @param manifestRoots the same of manifests: {@link ReferenceManifest#NVIDIA_ROOT}
     * @param tee what is behind these roots
     */
    public NvidiaVerifier(Set<Digest> roots, Set<Digest> manifestRoots, Tee tee) {
        this.roots = Set.copyOf(roots);
        this.manifestRoots = Set.copyOf(manifestRoots);
        this.tee = tee;
    }

    /**
     * Judges a report at one moment.
     *
     * @param certificates X.509, DER, in any order; others among them are passed over
     * @param manifests reference integrity manifests, XML, in any order; those that are not
     *     authentic or for another version are passed over, and the claims say which counted
     */
    public NvidiaVerdict verify(
            byte[] document, List<byte[]> certificates, List<byte[]> manifests, Instant now) {
        try {
            NvidiaReport report = NvidiaReport.parse(document);
            byte[] signed = report.signedBytes();
            byte[] signature = report.signature();
            var chain =
                    DeviceChain.ofSigner(
                            certificates,
                            leaf -> RawSignature.verifies(leaf.key(), signed, signature));
            Digest root = chain.verify(roots, now);
            requireSameFirmware(report, chain);
            var comparison =
                    Comparison.of(report, ReferenceManifest.read(manifests, manifestRoots, now));
            var claims =
                    new Claims(
                            tee,
                            root,
                            new byte[0],
                            NvidiaClaims.of(report, chain, comparison, tee));
            return new NvidiaVerdict.Authentic(report, claims);
        } catch (NvidiaFormatException e) {
            return new NvidiaVerdict.Refused("nvidia.format", String.valueOf(e.getMessage()));
        } catch (NvidiaRefusal e) {
            return e.verdict();
        }
    }

    private static void requireSameFirmware(NvidiaReport report, DeviceChain chain)
            throws NvidiaRefusal {
        byte[] certified = chain.firmwareId().orElse(new byte[0]);
        if (report.opaque()
                .firmwareId()
                .filter(reported -> !MessageDigest.isEqual(reported, certified))
                .isPresent()) {
            throw new NvidiaRefusal(
                    "nvidia.leaf.firmware-id",
                    "the leaf was certified for other firmware than the report names");
        }
    }
}
