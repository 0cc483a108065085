/** Evidence for measurements, from the software signers of the tests. */
@NullMarked
package dev.strongroom.attestation.tdx;

import org.jspecify.annotations.NullMarked;
