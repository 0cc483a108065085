/**
 * The {@code strongroom} command. {@link dev.strongroom.ops.Main} is the production process; the
 * simulated world starts {@link dev.strongroom.ops.StrongroomCommand} with its own anchors.
 */
@NullMarked
package dev.strongroom.ops;

import org.jspecify.annotations.NullMarked;
