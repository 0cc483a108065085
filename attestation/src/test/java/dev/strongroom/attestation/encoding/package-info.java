@NullMarked
package dev.strongroom.attestation.encoding;

import org.jspecify.annotations.NullMarked;
