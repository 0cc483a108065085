/** Work that a node may ask for before it answers. */
@NullMarked
package dev.strongroom.crypto.puzzle;

import org.jspecify.annotations.NullMarked;
