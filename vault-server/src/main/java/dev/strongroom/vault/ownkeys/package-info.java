/** The vault's own keys: which are in force, and how they are replaced. */
@NullMarked
package dev.strongroom.vault.ownkeys;

import org.jspecify.annotations.NullMarked;
