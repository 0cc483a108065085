/** The vault process: wiring, configuration and the command that starts it. */
@NullMarked
package dev.strongroom.vault;

import org.jspecify.annotations.NullMarked;
