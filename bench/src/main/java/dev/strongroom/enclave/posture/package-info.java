/** Behind the walls of the posture, for measurements. */
@NullMarked
package dev.strongroom.enclave.posture;

import org.jspecify.annotations.NullMarked;
