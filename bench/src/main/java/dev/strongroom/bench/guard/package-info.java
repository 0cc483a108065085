/** What the guard adds to an inference. */
@NullMarked
package dev.strongroom.bench.guard;

import org.jspecify.annotations.NullMarked;
