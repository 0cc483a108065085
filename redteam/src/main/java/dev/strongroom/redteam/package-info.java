/** Strongroom-Heist: steals models through their answers and says how far it came. */
@NullMarked
package dev.strongroom.redteam;

import org.jspecify.annotations.NullMarked;
