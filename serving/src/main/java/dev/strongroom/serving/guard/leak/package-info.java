/** Counts what answers give away of a model. */
@NullMarked
package dev.strongroom.serving.guard.leak;

import org.jspecify.annotations.NullMarked;
