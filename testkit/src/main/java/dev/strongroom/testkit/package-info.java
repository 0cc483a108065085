/**
 * Stand-ins for hardware. Nothing here is in a production artefact: what it signs is called
 * simulated wherever it is accepted.
 */
@NullMarked
package dev.strongroom.testkit;

import org.jspecify.annotations.NullMarked;
