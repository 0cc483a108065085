/** Finds accounts that steal one model together. */
@NullMarked
package dev.strongroom.serving.guard.collude;

import org.jspecify.annotations.NullMarked;
