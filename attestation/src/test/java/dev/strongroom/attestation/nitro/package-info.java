@NullMarked
package dev.strongroom.attestation.nitro;

import org.jspecify.annotations.NullMarked;
