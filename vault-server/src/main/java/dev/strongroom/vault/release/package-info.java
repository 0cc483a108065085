/** Evidence in, lease or refusal out. */
@NullMarked
package dev.strongroom.vault.release;

import org.jspecify.annotations.NullMarked;
