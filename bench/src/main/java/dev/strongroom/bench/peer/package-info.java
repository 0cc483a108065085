/** Other servers of the Open Inference Protocol, beside a node. */
@NullMarked
package dev.strongroom.bench.peer;

import org.jspecify.annotations.NullMarked;
