/** Names, signed statements and byte formats that every part of Strongroom shares. */
@NullMarked
package dev.strongroom.crypto.format;

import org.jspecify.annotations.NullMarked;
