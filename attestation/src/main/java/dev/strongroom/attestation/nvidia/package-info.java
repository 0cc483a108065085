/**
 * NVIDIA GPUs in confidential mode (Hopper, Blackwell): measurement reports, device certificates,
 * reference manifests.
 *
 * <p>Sources: DMTF DSP0274 "SPDM" 1.1 (GET_MEASUREMENTS and MEASUREMENTS), NVIDIA nvtrust, local
 * GPU verifier (opaque data, numbering of measurements, comparison), ISO 19770-2 and TCG "Reference
 * Integrity Manifest Information Model" (manifests).
 *
 * <p>A GPU counts only beside the evidence of the CPU it serves: its nonce, which the verifier
 * compares, is {@link dev.strongroom.attestation.Transcript#deviceNonce()}, a hash of the CPU's own
 * report data. A report says nothing of which machine the GPU is plugged into; what binds the two
 * is that the measured guest asked for both.
 *
 * <p>Confidential mode and debugging have no field of their own. Firmware signs reports with a
 * certified key only when debugging is fused off, and the mode's configuration is among the
 * measurements: so a policy asks for {@code nvidia.measurements eq match}, which takes both
 * reference manifests, or for measurements by value.
 *
 * <p>The claims of an authentic report. Byte strings are lower-case hex.
 *
 * <table>
 * <caption>Claims</caption>
 * <tr><td>tee</td><td>{@code nvidia-gpu} or {@code simulated}</td></tr>
 * <tr><td>nvidia.hardware-model</td><td>common name of the device's certificate</td></tr>
 * <tr><td>nvidia.device-id</td><td>hex of that certificate's serial number, the device's own</td></tr>
 * <tr><td>nvidia.firmware-id</td><td>hex of 48 bytes: what the leaf was certified for; absent if
 *     its certificate does not say</td></tr>
 * <tr><td>nvidia.driver-version, nvidia.vbios-version</td><td>as NVIDIA prints them: {@code
 *     550.90.07}, {@code 96.00.9F.00.01}</td></tr>
 * <tr><td>nvidia.chip-sku, nvidia.project, nvidia.project-sku</td><td>text</td></tr>
 * <tr><td>nvidia.feature-flag</td><td>{@code spt} (one GPU), {@code mpt} (several, links
 *     encrypted), {@code ppcie} (several, links in clear); absent from older drivers</td></tr>
 * <tr><td>nvidia.nvdec0, nvidia.protected-pcie</td><td>{@code enabled} or {@code disabled}; absent
 *     where not reported</td></tr>
 * <tr><td>nvidia.measurement.0 to .254</td><td>hex; numbered from 0, as the manifests do</td></tr>
 * <tr><td>nvidia.opaque.N</td><td>hex of every field of the opaque data that is not of a form known
 *     here, by its type</td></tr>
 * <tr><td>nvidia.rim.driver, nvidia.rim.vbios</td><td>version that the manifest is for which was
 *     compared; absent if none came along that is authentic and for the reported version</td></tr>
 * <tr><td>nvidia.measurements</td><td>{@code match}: both manifests were there and every active
 *     reference is met; {@code mismatch}: one is not; {@code unknown} otherwise</td></tr>
 * </table>
 */
@NullMarked
package dev.strongroom.attestation.nvidia;

import org.jspecify.annotations.NullMarked;
