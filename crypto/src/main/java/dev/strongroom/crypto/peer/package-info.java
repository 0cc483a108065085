/** Peers that are known by a key and by no authority. */
@NullMarked
package dev.strongroom.crypto.peer;

import org.jspecify.annotations.NullMarked;
