/** Memory that may hold plaintext: locked, never dumped, never inherited, zeroed at the end. */
@NullMarked
package dev.strongroom.enclave.memory;

import org.jspecify.annotations.NullMarked;
