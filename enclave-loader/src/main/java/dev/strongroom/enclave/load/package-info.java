/** From sealed files at the vault to an opened model in protected memory. */
@NullMarked
package dev.strongroom.enclave.load;

import org.jspecify.annotations.NullMarked;
