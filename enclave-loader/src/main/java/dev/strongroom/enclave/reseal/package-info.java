/** A version under a new data key, sealed anew without its plaintext leaving protected memory. */
@NullMarked
package dev.strongroom.enclave.reseal;

import org.jspecify.annotations.NullMarked;
