/** The calls into the C library that keep plaintext inside this process. */
@NullMarked
package dev.strongroom.enclave.libc;

import org.jspecify.annotations.NullMarked;
