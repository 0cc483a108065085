@NullMarked
package dev.strongroom.attestation;

import org.jspecify.annotations.NullMarked;
