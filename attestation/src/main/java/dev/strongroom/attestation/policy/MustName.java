package dev.strongroom.attestation.policy;

import dev.strongroom.attestation.Claims;
import java.util.List;
import java.util.Set;

/**
 * Which claims a policy has to say something about before evidence that carries them can satisfy
 * it. Silence denies: an owner who does not care writes {@code "op": "any"} and can read it there.
 *
 * <p>Not on the lists is what the verifier itself binds (report data, host data), what another
 * claim implies (firmware versions by security versions, raw fields by their bits), and what only
 * names things (report ids).
 */
final class MustName {
    /** Claims that say what was launched: every way to satisfy a policy pins one of them. */
    static final Set<String> IDENTITY =
            Set.of("snp.measurement", "tdx.mrtd", "nitro.pcr0", "azure.pcr4", "azure.pcr11");

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

    private MustName() {}

    /** The claims of this evidence that no policy may pass over, sorted. */
    static List<String> of(Claims claims) {
        return claims.values().keySet().stream().filter(SNP::contains).sorted().toList();
    }
}
