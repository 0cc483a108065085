/**
 * A small process that remembers the last checkpoint of each log it knows and cosigns another one
 * only when that continues it. Starting points: {@link dev.strongroom.witness.Witness} decides,
 * {@link dev.strongroom.witness.CheckpointFolder} remembers.
 */
@NullMarked
package dev.strongroom.witness;

import org.jspecify.annotations.NullMarked;
