/**
 * Intel TDX quotes: layout, certificate chain, signatures, collateral, TCB status.
 *
 * <p>Sources: Intel TDX DCAP Quoting Library API, appendix A (quote versions 4 and 5); Intel TDX
 * Module ABI (report fields, ATTRIBUTES, XFAM); SGX PCK Certificate and CRL Profile Specification
 * (certificates, 1.2.840.113741.1.13.1); Intel SGX and TDX Provisioning Certification Service API
 * version 4 (TCB info, QE identity, TCB status evaluation); confidential-computing.tee.dcap.qvl
 * (where the evaluation is spelt out, TD relaunch included); TCG PC Client Platform Firmware
 * Profile, chapter 10, and Intel's Guest-Hypervisor Communication Interface (event log, CCEL).
 *
 * <p>The claims of an authentic quote, as a release policy names them. Byte strings are lower-case
 * hex, numbers decimal, bits {@code true} or {@code false}.
 *
 * <table>
 * <caption>Claims</caption>
 * <tr><td>tee</td><td>{@code tdx} or {@code simulated}</td></tr>
 * <tr><td>tdx.version, tdx.body-type</td><td>numbers: 4 or 5; 2 (TDX 1.0) or 3 (TDX 1.5)</td></tr>
 * <tr><td>tdx.mrtd</td><td>launch measurement, hex of 48 bytes</td></tr>
 * <tr><td>tdx.rtmr0 to tdx.rtmr3</td><td>registers of the running domain, hex of 48 bytes</td></tr>
 * <tr><td>tdx.mrconfigid, tdx.mrowner, tdx.mrownerconfig</td><td>hex of 48 bytes; the first 32 of
 *     {@code mrconfigid} are the host data</td></tr>
 * <tr><td>tdx.mrservicetd</td><td>hex of 48 bytes; TDX 1.5</td></tr>
 * <tr><td>tdx.mrseam, tdx.mrsignerseam, tdx.seam-attributes</td><td>the TDX module: hex of 48, 48 and
 *     8 bytes</td></tr>
 * <tr><td>tdx.tee-tcb-svn.launch, tdx.tee-tcb-svn.current</td><td>hex of 16 bytes; {@code current} is
 *     TEE_TCB_SVN2, TDX 1.5; each with {@code .module-version}, {@code .module}, {@code .microcode}:
 *     numbers</td></tr>
 * <tr><td>tdx.attributes.{debug, icssd, lass, sept-ve-disable, migratable, pks, kl, tpa,
 *     perfmon}</td><td>bits; {@code debug} is any of the eight bits that put a domain under
 *     debug</td></tr>
 * <tr><td>tdx.attributes.unknown, tdx.xfam.unknown</td><td>bits: a reserved bit is set</td></tr>
 * <tr><td>tdx.attributes.raw, tdx.xfam.raw</td><td>hex of 8 bytes, big-endian</td></tr>
 * <tr><td>tdx.fmspc, tdx.pce-id, tdx.ppid</td><td>platform model, PCE, platform: hex of 6, 2 and 16
 *     bytes</td></tr>
 * <tr><td>tdx.platform-instance</td><td>hex of 16 bytes; multi-package platforms</td></tr>
 * <tr><td>tdx.pce-svn, tdx.qe-svn</td><td>numbers</td></tr>
 * <tr><td>tdx.tcb.launch-status, tdx.tcb.current-status</td><td>Intel's word for the security versions
 *     at launch and now: {@code UpToDate}, {@code SWHardeningNeeded}, {@code ConfigurationNeeded},
 *     {@code ConfigurationAndSWHardeningNeeded}, {@code OutOfDate}, {@code
 *     OutOfDateConfigurationNeeded}</td></tr>
 * <tr><td>tdx.tcb.status</td><td>the worse of both</td></tr>
 * <tr><td>tdx.relaunch-advised</td><td>bit: launched under an outdated TDX module that has been updated
 *     since</td></tr>
 * <tr><td>tdx.tcb.date</td><td>what Intel fixed before this time is fixed at launch, ISO 8601</td></tr>
 * <tr><td>tdx.tcb.advisories</td><td>Intel's advisories against the platform, sorted, with commas
 *     between; empty for none</td></tr>
 * <tr><td>tdx.log.rtmr0 to tdx.log.rtmr3</td><td>bits, where an event log came along: it leads to the
 *     register; by {@link dev.strongroom.attestation.tdx.CcEventLog}</td></tr>
 * <tr><td>tdx.tcb.evaluation-number</td><td>number of the TCB recovery that the rating is of</td></tr>
 * </table>
 *
 * <p>Rules that a refusal can name; they are stable:
 *
 * <ul>
 *   <li>{@code tdx.format}: not a quote of a supported kind
 *   <li>{@code tdx.chain.certificates}, {@code .root}, {@code .names}, {@code .keys}, {@code
 *       .validity}, {@code .signature}, {@code .path}, {@code .revocation-unknown}, {@code
 *       .revoked}: the PCK chain; the last two also for the TCB signer
 *   <li>{@code tdx.pck.extension}: the PCK certificate does not say which platform it is for
 *   <li>{@code tdx.qe.signature}, {@code tdx.qe.binding}, {@code tdx.qe.identity}: the quoting
 *       enclave
 *   <li>{@code tdx.attestation-key}, {@code tdx.signature}
 *   <li>{@code tdx.collateral.signer}, {@code .missing}, {@code .format}, {@code .signature},
 *       {@code .mismatch}, {@code .stale}, {@code .evaluation-number}: TCB info or QE identity
 *   <li>{@code tdx.module.unknown}, {@code .signer}, {@code .attributes}: the TDX module
 *   <li>{@code tdx.tcb.no-match}, {@code tdx.tcb.revoked}
 *   <li>{@code tdx.log.format}: the event log that came along is none
 *   <li>and by {@link dev.strongroom.attestation.tdx.LaunchRules}: {@code tdx.attributes.debug},
 *       {@code tdx.attributes.migratable}, {@code tdx.attributes.unknown}, {@code
 *       tdx.xfam.unknown}, {@code tdx.mrconfigid}
 * </ul>
 */
@NullMarked
package dev.strongroom.attestation.tdx;

import org.jspecify.annotations.NullMarked;
