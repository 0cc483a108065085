@NullMarked
package dev.strongroom.attestation.nvidia;

import org.jspecify.annotations.NullMarked;
