/**
 * The simulated world: the production vault, node and command line, each given the root of a
 * software chip as a constructor argument. Nothing here protects anything; it shows that the whole
 * works.
 */
@NullMarked
package dev.strongroom.sim;

import org.jspecify.annotations.NullMarked;
