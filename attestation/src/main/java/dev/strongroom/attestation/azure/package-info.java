/**
 * Evidence of Azure confidential VMs: a quote by the vTPM, whose key the paravisor put into runtime
 * data, whose hash is in the report data of an SEV-SNP report or a TDX quote.
 *
 * <p>Source: Microsoft, "Confidential VM guest attestation design detail" (attestation report
 * format, runtime data) and OpenHCL's {@code openhcl_attestation_protocol}. Checked against
 * recorded evidence of SEV-SNP VMs; of a TDX VM none was at hand.
 *
 * <p>The processor measured Azure's paravisor, the same for all customers, at its launch. What the
 * customer booted is in the vTPM's registers: a policy that does not name {@code tpm.pcr} values
 * accepts every VM on this platform. Whoever believes the vTPM believes Microsoft's paravisor.
 *
 * <p>The claims of authentic evidence: those of the processor's package ({@code snp} or {@code
 * tdx}), those of package {@code tpm} (with {@code tpm.ak.trust} being {@code vouched}), and
 *
 * <table>
 * <caption>Claims</caption>
 * <tr><td>tee</td><td>{@code azure-sev-snp}, {@code azure-tdx} or {@code simulated}</td></tr>
 * <tr><td>azure.config.NAME</td><td>text, number or bit of the VM's configuration when the paravisor
 *     started, for example {@code secure-boot}, {@code console-enabled}, {@code tpm-enabled}, {@code
 *     vm-unique-id}</td></tr>
 * <tr><td>azure.user-data</td><td>hex of the 64 bytes at NV index 0x01400002</td></tr>
 * </table>
 */
@NullMarked
package dev.strongroom.attestation.azure;

import org.jspecify.annotations.NullMarked;
