package dev.strongroom.attestation;

import dev.strongroom.attestation.nitro.NitroVerifier;
import dev.strongroom.attestation.nvidia.NvidiaVerifier;
import dev.strongroom.attestation.nvidia.ReferenceManifest;
import dev.strongroom.attestation.snp.SnpVerifier;
import dev.strongroom.attestation.tdx.TdxRoots;
import dev.strongroom.attestation.tdx.TdxVerifier;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/** Which kinds of evidence a world has: the table of contents of the adapters. */
final class EvidenceKinds {
    private static final TdxVerifier TDX = new TdxVerifier(TdxRoots.intel(), Tee.TDX);

    private EvidenceKinds() {}

    /** What keys can be released to: current revocation lists are demanded everywhere. */
    static Map<Evidence.Format, EvidenceKind> forRelease(TrustAnchors anchors) {
        return of(anchors, Revocation.REQUIRED, NitroVerifier.CHALLENGE_SKEW);
    }

    /** What can be looked at: more kinds, and documents as old as the certificates in them. */
    static Map<Evidence.Format, EvidenceKind> forInspection(
            TrustAnchors anchors, Revocation revocation) {
        var kinds = new EnumMap<>(of(anchors, revocation, NitroVerifier.LEAF_LIFETIME));
        if (anchors.tee() == Tee.HARDWARE) {
            kinds.put(
                    Evidence.Format.AZURE_VTPM,
                    new RecordedAzureEvidence(azure(snp(anchors, revocation))));
            kinds.put(Evidence.Format.TPM_QUOTE, new RecordedTpmEvidence());
            kinds.put(Evidence.Format.NVIDIA_REPORT, gpu());
        }
        return Map.copyOf(kinds);
    }

    static EvidenceKind gpu() {
        return new NvidiaEvidence(
                new NvidiaVerifier(
                        Set.of(VendorAnchors.NVIDIA),
                        Set.of(ReferenceManifest.NVIDIA_ROOT),
                        Tee.NVIDIA_GPU));
    }

    private static Map<Evidence.Format, EvidenceKind> of(
            TrustAnchors anchors, Revocation revocation, Duration skew) {
        SnpVerifier snp = snp(anchors, revocation);
        return switch (anchors.tee()) {
            case HARDWARE ->
                    Map.of(
                            Evidence.Format.SNP_REPORT,
                            new SnpEvidence(snp),
                            Evidence.Format.TDX_QUOTE,
                            new TdxEvidence(TDX),
                            Evidence.Format.NITRO_DOCUMENT,
                            new NitroEvidence(
                                    new NitroVerifier(Set.of(VendorAnchors.AWS), Tee.NITRO, skew)),
                            Evidence.Format.AZURE_VTPM,
                            azure(snp));
            default -> Map.of(Evidence.Format.SNP_REPORT, new SnpEvidence(snp));
        };
    }

    private static SnpVerifier snp(TrustAnchors anchors, Revocation revocation) {
        Tee tee = anchors.tee() == Tee.SIMULATED ? Tee.SIMULATED : Tee.SEV_SNP;
        return new SnpVerifier(anchors.snpRoots(), tee, revocation);
    }

    private static AzureVtpmEvidence azure(SnpVerifier snp) {
        return new AzureVtpmEvidence(snp, TDX);
    }
}
