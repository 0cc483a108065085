@NullMarked
package dev.strongroom.attestation.p384;

import org.jspecify.annotations.NullMarked;
