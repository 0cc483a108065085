/** Finds how one model is best run on one machine. */
@NullMarked
package dev.strongroom.serving.tune;

import org.jspecify.annotations.NullMarked;
