@NullMarked
package dev.strongroom.attestation.azure;

import org.jspecify.annotations.NullMarked;
