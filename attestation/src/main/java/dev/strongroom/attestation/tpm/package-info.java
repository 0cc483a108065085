/**
 * TPM 2.0 quotes: layout, attestation key, signature, registers, event log.
 *
 * <p>Sources: TCG "Trusted Platform Module Library", Part 2 "Structures" (TPMS_ATTEST,
 * TPMT_SIGNATURE, TPMT_PUBLIC) and Part 1 (names, credential protection); TCG "PC Client Platform
 * Firmware Profile" (event log).
 *
 * <p>A TPM measures a boot and keeps a key; it isolates nothing. By itself its quote is no evidence
 * of a trusted execution environment. It is a part of such evidence where the TPM is inside one, as
 * in package {@code azure}.
 *
 * <p>The claims of an authentic quote, as a release policy names them. Byte strings are lower-case
 * hex, numbers decimal, bits {@code true} or {@code false}.
 *
 * <table>
 * <caption>Claims</caption>
 * <tr><td>tpm.pcr.BANK.N</td><td>value of register N; BANK is {@code sha256}, {@code sha384}, {@code
 *     sha512}, {@code sha3-256}, {@code sha3-384} or {@code sha3-512}, never {@code sha1}. Absent
 *     unless values came along</td></tr>
 * <tr><td>tpm.pcr-digest</td><td>hash over all quoted values</td></tr>
 * <tr><td>tpm.log.BANK.N</td><td>bit: the event log leads to this value. Absent without a log, or
 *     where it has no event for N. For N from 0 to 7 always {@code true}</td></tr>
 * <tr><td>tpm.secure-boot</td><td>bit: the firmware's variable, by a log that leads to register 7
 *     </td></tr>
 * <tr><td>tpm.extra-data</td><td>qualifying data of the quote</td></tr>
 * <tr><td>tpm.clock, tpm.resets, tpm.restarts</td><td>milliseconds and counts of the TPM's own
 *     clock</td></tr>
 * <tr><td>tpm.safe</td><td>bit: the clock cannot have gone back</td></tr>
 * <tr><td>tpm.firmware</td><td>hex of 8 bytes</td></tr>
 * <tr><td>tpm.qualified-signer</td><td>TPM name of the key with its parents</td></tr>
 * <tr><td>tpm.ak.name</td><td>TPM name of the key, where its public area was enrolled or
 *     vouched for</td></tr>
 * <tr><td>tpm.ak.trust</td><td>{@code certificate}, {@code enrolled} or {@code vouched}</td></tr>
 * <tr><td>tpm.ak.root</td><td>SHA-256 of the root certificate, with {@code certificate}</td></tr>
 * </table>
 */
@NullMarked
package dev.strongroom.attestation.tpm;

import org.jspecify.annotations.NullMarked;
