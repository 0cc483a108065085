@NullMarked
package dev.strongroom.attestation.tdx;

import org.jspecify.annotations.NullMarked;
