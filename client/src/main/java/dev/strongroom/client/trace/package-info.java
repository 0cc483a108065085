/** Finds out whose copy a suspect's weights are. */
@NullMarked
package dev.strongroom.client.trace;

import org.jspecify.annotations.NullMarked;
