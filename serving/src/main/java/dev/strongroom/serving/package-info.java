/**
 * The node process: gets a key for its evidence, opens a model, serves it.
 *
 * <p>Start at {@link dev.strongroom.serving.Node}.
 */
@NullMarked
package dev.strongroom.serving;

import org.jspecify.annotations.NullMarked;
