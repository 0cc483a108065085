/** The whole path on one screen: every step is a command line that a reader can repeat. */
@NullMarked
package dev.strongroom.sim.demo;

import org.jspecify.annotations.NullMarked;
