@NullMarked
package dev.strongroom.attestation.policy;

import org.jspecify.annotations.NullMarked;
