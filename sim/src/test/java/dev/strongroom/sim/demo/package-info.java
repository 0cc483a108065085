@NullMarked
package dev.strongroom.sim.demo;

import org.jspecify.annotations.NullMarked;
