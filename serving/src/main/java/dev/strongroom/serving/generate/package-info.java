/** Writes sequences token by token: what to pick, when to stop, what a sequence may take. */
@NullMarked
package dev.strongroom.serving.generate;

import org.jspecify.annotations.NullMarked;
