/** Behind the walls of protected memory, for measurements. */
@NullMarked
package dev.strongroom.enclave.memory;

import org.jspecify.annotations.NullMarked;
