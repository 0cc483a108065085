/** The append-only Merkle log of everything the vault decided. */
@NullMarked
package dev.strongroom.vault.audit;

import org.jspecify.annotations.NullMarked;
