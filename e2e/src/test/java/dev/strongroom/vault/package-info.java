/** Reaches what the vault's own tests reach. */
@NullMarked
package dev.strongroom.vault;

import org.jspecify.annotations.NullMarked;
