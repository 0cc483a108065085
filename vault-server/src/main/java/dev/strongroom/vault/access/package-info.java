/** Who calls, and who may call what. */
@NullMarked
package dev.strongroom.vault.access;

import org.jspecify.annotations.NullMarked;
