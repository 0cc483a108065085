/**
 * AMD SEV-SNP attestation reports: layout, certificate chain, signature.
 *
 * <p>Sources: AMD 56860 "SEV Secure Nested Paging Firmware ABI Specification" (report, TCB_VERSION)
 * and AMD 57230 "VCEK Certificate and KDS Interface Specification" (certificates).
 *
 * <p>The claims of an authentic report, as a release policy names them. Byte strings are lower-case
 * hex, numbers decimal, bits {@code true} or {@code false}.
 *
 * <table>
 * <caption>Claims</caption>
 * <tr><td>tee</td><td>{@code sev-snp} or {@code simulated}</td></tr>
 * <tr><td>snp.product</td><td>{@code Milan}, {@code Genoa} or {@code Turin}</td></tr>
 * <tr><td>snp.version, snp.guest-svn, snp.vmpl</td><td>numbers</td></tr>
 * <tr><td>snp.signer</td><td>{@code vcek} or {@code vlek}</td></tr>
 * <tr><td>snp.provider</td><td>cloud provider of a VLEK; absent for a VCEK</td></tr>
 * <tr><td>snp.measurement, snp.host-data, snp.chip-id</td><td>hex of 48, 32 and 64 bytes</td></tr>
 * <tr><td>snp.family-id, snp.image-id</td><td>hex of 16 bytes</td></tr>
 * <tr><td>snp.id-key-digest, snp.author-key-digest</td><td>hex of 48 bytes</td></tr>
 * <tr><td>snp.author-key</td><td>bit: an author key signed the ID key</td></tr>
 * <tr><td>snp.policy.{debug, migrate-ma, smt, single-socket, cxl, aes-256-xts, rapl-disabled,
 *     ciphertext-hiding, page-swap-disabled}</td><td>bits of the guest policy</td></tr>
 * <tr><td>snp.policy.abi-major, snp.policy.abi-minor</td><td>numbers</td></tr>
 * <tr><td>snp.platform.{smt, tsme, ecc, rapl-disabled, ciphertext-hiding, alias-check,
 *     tio}</td><td>bits of the platform</td></tr>
 * <tr><td>snp.platform.raw</td><td>hex of the whole field, 8 bytes big-endian</td></tr>
 * <tr><td>snp.tcb.{reported, current, committed, launch}.{bl, tee, snp, ucode, fmc}</td><td>numbers;
 *     {@code fmc} on Turin only</td></tr>
 * <tr><td>snp.provisional.{reported, committed}</td><td>bits: the current TCB is not the reported
 *     one, or not (with its firmware version) the committed one</td></tr>
 * <tr><td>snp.firmware.{current, committed}.{major, minor, build}</td><td>numbers</td></tr>
 * <tr><td>snp.mitigations.launch, snp.mitigations.current</td><td>hex of 8 bytes big-endian;
 *     version 5 on</td></tr>
 * </table>
 */
@NullMarked
package dev.strongroom.attestation.snp;

import org.jspecify.annotations.NullMarked;
