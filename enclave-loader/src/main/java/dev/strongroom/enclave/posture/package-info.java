/** Is this process fit to hold plaintext? */
@NullMarked
package dev.strongroom.enclave.posture;

import org.jspecify.annotations.NullMarked;
