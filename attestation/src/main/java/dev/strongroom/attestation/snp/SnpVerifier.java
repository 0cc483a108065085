package dev.strongroom.attestation.snp;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.Revocation;
import dev.strongroom.attestation.Tee;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Says whether an attestation report is authentic: parsed strictly, signed by a leaf whose chain
 * ends in a believed root, by a key of the kind, chip, product line and firmware versions that the
 * report itself names.
 *
 * <p>Immutable and thread-safe.
 */
public final class SnpVerifier {
    /** Names of all rules in the order in which they are checked. */
    public static final List<String> RULES =
            List.of(
                    "snp.format",
                    "snp.unsigned",
                    "snp.endorsements",
                    "snp.chain.root",
                    "snp.chain.names",
                    "snp.chain.validity",
                    "snp.chain.keys",
                    "snp.chain.signature",
                    "snp.chain.path",
                    "snp.chain.revoked",
                    "snp.chain.revocation-unknown",
                    "snp.signing-key",
                    "snp.leaf.extension",
                    "snp.product",
                    "snp.leaf.tcb",
                    "snp.leaf.chip-id",
                    "snp.leaf.provider",
                    "snp.signature");

    private final SnpRoots roots;
    private final Tee tee;
    private final Revocation revocation;

    /** A verifier that accepts nothing without a current revocation list. */
    public SnpVerifier(SnpRoots roots, Tee tee) {
        this(roots, tee, Revocation.REQUIRED);
    }

    public SnpVerifier(SnpRoots roots, Tee tee, Revocation revocation) {
        this.roots = roots;
        this.tee = tee;
        this.revocation = revocation;
    }

    /**
     * Judges a report at one moment.
     *
     * @param certificates X.509, DER, in any order, other vendors' among them
     * @param lists revocation lists, DER, in any order, other vendors' among them
     */
    public SnpVerdict verify(
            byte[] document, List<byte[]> certificates, List<byte[]> lists, Instant now) {
        return verify(document, certificates, lists, new SignatureChecks(), now);
    }

    SnpVerdict verify(
            byte[] document,
            List<byte[]> certificates,
            List<byte[]> lists,
            SignatureChecks checks,
            Instant now) {
        try {
            SnpReport report = SnpReport.parse(document);
            requireSigned(report);
            return judge(
                    report,
                    signers(report, SnpChain.candidates(certificates), checks),
                    SnpRevocation.of(lists, revocation),
                    checks,
                    now);
        } catch (SnpFormatException e) {
            return new SnpVerdict.Refused("snp.format", String.valueOf(e.getMessage()));
        } catch (SnpRefusal e) {
            return e.verdict();
        }
    }

    /**
     * The chains whose leaf signed the report, which is checked before anything else that costs
     * time. Where none did, the first one will say what it lacks.
     */
    private static List<SnpChain.Candidate> signers(
            SnpReport report, List<SnpChain.Candidate> candidates, SignatureChecks checks)
            throws SnpRefusal {
        var leaves = new LinkedHashSet<X509Certificate>();
        candidates.forEach(candidate -> leaves.add(candidate.leaf()));
        var signers = new HashSet<X509Certificate>();
        for (X509Certificate leaf : leaves) {
            if (mayBeOf(report, leaf) && checks.isSignedBy(report, leaf)) {
                signers.add(leaf);
            }
        }
        var theirs = candidates.stream().filter(each -> signers.contains(each.leaf())).toList();
        return theirs.isEmpty() ? List.of(candidates.getFirst()) : theirs;
    }

    /** Certificates of a whole fleet may lie about: those of other chips need no checks. */
    private static boolean mayBeOf(SnpReport report, X509Certificate leaf) {
        if (!CertificateProfile.isP384(leaf.getPublicKey())) {
            return false;
        }
        try {
            var chip = new LeafExtensions(leaf).hardwareId();
            return chip.isEmpty()
                    || Arrays.equals(
                            Arrays.copyOf(chip.get(), SnpReport.CHIP_ID_BYTES), report.chipId());
        } catch (SnpRefusal e) {
            return false;
        }
    }

    /**
     * A chip can have several certificates, for other firmware versions or issued twice: any one
     * that fits will do. What the first one lacked is what a refusal says.
     */
    private SnpVerdict judge(
            SnpReport report,
            List<SnpChain.Candidate> candidates,
            SnpRevocation lists,
            SignatureChecks checks,
            Instant now) {
        var refusals = new ArrayList<SnpRefusal>();
        for (SnpChain.Candidate candidate : candidates) {
            try {
                SnpChain chain = SnpChain.verify(candidate, roots, lists, checks, now);
                requireSameKeyKind(report, chain);
                requireSameLine(report, chain);
                requireSameFirmware(report, chain);
                requireSameChip(report, chain);
                requireSignature(report, chain.leaf(), checks);
                return new SnpVerdict.Authentic(report, claims(report, chain));
            } catch (SnpRefusal e) {
                refusals.add(e);
            }
        }
        return refusals.getFirst().verdict();
    }

    private static void requireSigned(SnpReport report) throws SnpRefusal {
        if (report.signingKey() == SnpReport.SigningKey.NONE || report.chipKeyMasked()) {
            throw new SnpRefusal(
                    "snp.unsigned", "the platform does not sign reports (its chip key is masked)");
        }
    }

    private static void requireSameKeyKind(SnpReport report, SnpChain chain) throws SnpRefusal {
        if (report.signingKey() != chain.signingKey()) {
            throw new SnpRefusal(
                    "snp.signing-key",
                    "the report names a %s, the certificate is for a %s"
                            .formatted(report.signingKey(), chain.signingKey()));
        }
    }

    /** Version 2 has no CPUID: there only the certificates speak. */
    private static void requireSameLine(SnpReport report, SnpChain chain) throws SnpRefusal {
        ProductLine certified = new LeafExtensions(chain.leaf()).line();
        if (certified != chain.line()) {
            throw new SnpRefusal(
                    "snp.product", "the certificate is for another product line than its root");
        }
        var cpuid = report.cpuid();
        if (cpuid.isPresent()
                && ProductLine.ofCpuid(cpuid.get().family(), cpuid.get().model())
                        .filter(line -> line == certified)
                        .isEmpty()) {
            throw new SnpRefusal(
                    "snp.product", "the report's CPUID is not of the line " + certified.label());
        }
    }

    private static void requireSameFirmware(SnpReport report, SnpChain chain) throws SnpRefusal {
        if (new LeafExtensions(chain.leaf()).tcb(chain.line()) != report.reportedTcb()) {
            throw new SnpRefusal(
                    "snp.leaf.tcb",
                    "the certificate is for other firmware versions than the report names; fetch"
                            + " the one for the reported TCB");
        }
    }

    private static void requireSameChip(SnpReport report, SnpChain chain) throws SnpRefusal {
        var extensions = new LeafExtensions(chain.leaf());
        var hardwareId = extensions.hardwareId();
        var provider = extensions.providerId();
        if (chain.signingKey() == SnpReport.SigningKey.VLEK) {
            if (hardwareId.isPresent() || provider.isEmpty()) {
                throw new SnpRefusal("snp.leaf.provider", "a VLEK names a provider and no chip");
            }
            return;
        }
        int idBytes = chain.line() == ProductLine.TURIN ? 8 : SnpReport.CHIP_ID_BYTES;
        if (hardwareId.filter(id -> id.length == idBytes).isEmpty()
                || !Arrays.equals(
                        Arrays.copyOf(hardwareId.get(), SnpReport.CHIP_ID_BYTES),
                        report.chipId())) {
            throw new SnpRefusal("snp.leaf.chip-id", "the certificate is for another chip");
        }
        if (provider.isPresent()) {
            throw new SnpRefusal("snp.leaf.provider", "a VCEK names a chip and no provider");
        }
    }

    private static void requireSignature(
            SnpReport report, X509Certificate leaf, SignatureChecks checks) throws SnpRefusal {
        if (!checks.isSignedBy(report, leaf)) {
            throw new SnpRefusal("snp.signature", "the certified key did not sign this report");
        }
    }

    private Claims claims(SnpReport report, SnpChain chain) throws SnpRefusal {
        var provider = new LeafExtensions(chain.leaf()).providerId();
        return new Claims(
                tee,
                chain.rootFingerprint(),
                report.hostData(),
                SnpClaims.of(report, chain.line(), tee, provider));
    }
}
