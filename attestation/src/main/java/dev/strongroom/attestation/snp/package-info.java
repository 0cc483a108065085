/**
 * AMD SEV-SNP attestation reports: layout, certificate chain, signature.
 *
 * <p>Sources: AMD 56860 "SEV Secure Nested Paging Firmware ABI Specification" (report, TCB_VERSION)
 * and AMD 57230 "VCEK Certificate and KDS Interface Specification" (certificates).
 */
@NullMarked
package dev.strongroom.attestation.snp;

import org.jspecify.annotations.NullMarked;
