@NullMarked
package dev.strongroom.attestation.tpm;

import org.jspecify.annotations.NullMarked;
