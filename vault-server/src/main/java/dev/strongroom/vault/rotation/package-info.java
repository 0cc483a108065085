/** Re-wraps every data key under a new key-encryption key. */
@NullMarked
package dev.strongroom.vault.rotation;

import org.jspecify.annotations.NullMarked;
