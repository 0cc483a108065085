/** Work for callers whose rows cost more than one. */
@NullMarked
package dev.strongroom.serving.guard.puzzle;

import org.jspecify.annotations.NullMarked;
