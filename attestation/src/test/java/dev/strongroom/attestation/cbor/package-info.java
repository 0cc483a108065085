@NullMarked
package dev.strongroom.attestation.cbor;

import org.jspecify.annotations.NullMarked;
