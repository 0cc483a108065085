/** Asks this machine's hardware for evidence about the running guest. */
@NullMarked
package dev.strongroom.attestation.guest;

import org.jspecify.annotations.NullMarked;
