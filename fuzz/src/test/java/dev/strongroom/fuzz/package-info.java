/**
 * What every fuzz target shares. The targets stand in the packages of the parsers that they attack.
 *
 * <p>{@code ./strongroom test} reads each target's seeds and past findings; with {@code -Pfuzz}
 * each is fuzzed for a minute, in a JVM of its own.
 */
@NullMarked
package dev.strongroom.fuzz;

import org.jspecify.annotations.NullMarked;
