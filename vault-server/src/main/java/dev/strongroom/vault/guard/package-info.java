/** What the guards of nodes share through the vault. */
@NullMarked
package dev.strongroom.vault.guard;

import org.jspecify.annotations.NullMarked;
