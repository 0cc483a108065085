/** Behind the walls of the loader, for measurements. */
@NullMarked
package dev.strongroom.enclave.load;

import org.jspecify.annotations.NullMarked;
