/** Why the vault says no: stable reasons, one exception type. */
@NullMarked
package dev.strongroom.vault.refusal;

import org.jspecify.annotations.NullMarked;
