@NullMarked
package dev.strongroom.attestation.snp;

import org.jspecify.annotations.NullMarked;
