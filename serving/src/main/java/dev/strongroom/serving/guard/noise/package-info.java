/** Noise on answers that asking again does not average away. */
@NullMarked
package dev.strongroom.serving.guard.noise;

import org.jspecify.annotations.NullMarked;
