/**
 * Looks for bytes that must not be where they are: in the memory of another process, in files, in
 * dumps. The needles are masked at rest and in the scanner's own memory, so that neither counts.
 */
@NullMarked
package dev.strongroom.testkit.hunt;

import org.jspecify.annotations.NullMarked;
