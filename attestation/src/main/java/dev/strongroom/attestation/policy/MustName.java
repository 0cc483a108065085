package dev.strongroom.attestation.policy;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.Tee;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Which claims a policy has to say something about before evidence that carries them can satisfy
 * it. Silence denies: an owner who does not care writes {@code "op": "any"} and can read it there.
 *
 * <p>Not on the lists is what the verifier itself binds (report data, host data), what another
 * claim implies (firmware versions by security versions, raw fields by their bits), and what only
 * names things (report ids).
 */
final class MustName {
    static final Set<String> SNP =
            Set.of(
                    "snp.product",
                    "snp.signer",
                    "snp.provider",
                    "snp.chip-id",
                    "snp.measurement",
                    "snp.guest-svn",
                    "snp.vmpl",
                    "snp.id-key-digest",
                    "snp.author-key-digest",
                    "snp.policy.debug",
                    "snp.policy.migrate-ma",
                    "snp.policy.smt",
                    "snp.policy.single-socket",
                    "snp.platform.smt",
                    "snp.platform.tsme",
                    "snp.platform.ecc",
                    "snp.platform.rapl-disabled",
                    "snp.platform.ciphertext-hiding",
                    "snp.platform.alias-check",
                    "snp.provisional.reported",
                    "snp.provisional.committed",
                    "snp.mitigations.launch",
                    "snp.mitigations.current",
                    "snp.tcb.reported.fmc",
                    "snp.tcb.reported.bl",
                    "snp.tcb.reported.tee",
                    "snp.tcb.reported.snp",
                    "snp.tcb.reported.ucode",
                    "snp.tcb.committed.fmc",
                    "snp.tcb.committed.bl",
                    "snp.tcb.committed.tee",
                    "snp.tcb.committed.snp",
                    "snp.tcb.committed.ucode",
                    "snp.tcb.launch.fmc",
                    "snp.tcb.launch.bl",
                    "snp.tcb.launch.tee",
                    "snp.tcb.launch.snp",
                    "snp.tcb.launch.ucode");

    private static final Set<String> TDX =
            Set.of(
                    "tdx.mrtd",
                    "tdx.rtmr0",
                    "tdx.rtmr1",
                    "tdx.rtmr2",
                    "tdx.rtmr3",
                    "tdx.mrowner",
                    "tdx.mrownerconfig",
                    "tdx.mrservicetd",
                    "tdx.mrseam",
                    "tdx.fmspc",
                    "tdx.ppid",
                    "tdx.attributes.debug",
                    "tdx.attributes.migratable",
                    "tdx.attributes.sept-ve-disable",
                    "tdx.attributes.perfmon",
                    "tdx.tcb.status",
                    "tdx.tcb.advisories",
                    "tdx.tcb.evaluation-number",
                    "tdx.relaunch-advised",
                    "tdx.pce-svn",
                    "tdx.qe-svn");

    private static final Set<String> NITRO =
            Set.of(
                    "nitro.debug",
                    "nitro.pcr0",
                    "nitro.pcr1",
                    "nitro.pcr2",
                    "nitro.pcr3",
                    "nitro.pcr4",
                    "nitro.pcr8");

    private static final Set<String> NVIDIA =
            Set.of(
                    "nvidia.devices",
                    "nvidia.device-id",
                    "nvidia.hardware-model",
                    "nvidia.driver-version",
                    "nvidia.vbios-version",
                    "nvidia.feature-flag",
                    "nvidia.measurements");

    private static final Pattern VTPM =
            Pattern.compile("tpm\\.pcr\\.[a-z0-9-]+\\.[0-9]+|azure\\.config\\..*");

    /**
     * On Azure the customer's boot is in the vTPM's registers only. Who asks for the quote chooses
     * what it shows, so that these count as there: what is left out must be named, too.
     */
    private static final Set<String> BOOT =
            Stream.concat(
                            IntStream.rangeClosed(0, 15).mapToObj(pcr -> "tpm.pcr.sha256." + pcr),
                            Stream.of("tpm.secure-boot"))
                    .collect(Collectors.toUnmodifiableSet());

    private static final Set<String> ALL =
            Stream.of(SNP, TDX, NITRO).flatMap(Set::stream).collect(Collectors.toUnmodifiableSet());

    private MustName() {}

    /**
     * The claims that no policy may pass over with this evidence, sorted; also some that it does
     * not have, where it could have them and its sender chose.
     */
    static List<String> of(Claims claims) {
        var names = new TreeSet<String>();
        claims.values().keySet().stream()
                .filter(name -> ALL.contains(name) || VTPM.matcher(name).matches())
                .forEach(names::add);
        if (isOfVtpm(claims)) {
            names.addAll(BOOT);
        }
        if (claims.values().containsKey("nvidia.devices")) {
            names.addAll(NVIDIA);
        }
        return List.copyOf(names);
    }

    /** Whether a vTPM speaks, for which a processor vouches. */
    static boolean isOfVtpm(Claims claims) {
        return claims.tee() == Tee.AZURE_SNP
                || claims.tee() == Tee.AZURE_TDX
                || claims.values().containsKey("tpm.pcr-digest");
    }
}
