/** Sealed versions and owner-signed policies on their way in. */
@NullMarked
package dev.strongroom.vault.publish;

import org.jspecify.annotations.NullMarked;
