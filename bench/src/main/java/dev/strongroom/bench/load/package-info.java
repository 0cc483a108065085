/** What loading a sealed model costs beside loading a plain one. */
@NullMarked
package dev.strongroom.bench.load;

import org.jspecify.annotations.NullMarked;
