/** Key derivation that leaves nothing behind; shared by sealing and opening, not exported. */
@NullMarked
package dev.strongroom.crypto.keys;

import org.jspecify.annotations.NullMarked;
