/** Takes precision out of answers, never their best class. */
@NullMarked
package dev.strongroom.serving.guard.shape;

import org.jspecify.annotations.NullMarked;
