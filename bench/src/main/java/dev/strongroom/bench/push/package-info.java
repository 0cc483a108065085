/** Pushing beside sending the same bytes bare, and beside encrypting them with age. */
@NullMarked
package dev.strongroom.bench.push;

import org.jspecify.annotations.NullMarked;
