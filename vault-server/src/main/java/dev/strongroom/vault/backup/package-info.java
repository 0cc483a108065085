/** Copies of the vault's database, and which keys they need. */
@NullMarked
package dev.strongroom.vault.backup;

import org.jspecify.annotations.NullMarked;
