@NullMarked
package dev.strongroom.attestation.guest;

import org.jspecify.annotations.NullMarked;
