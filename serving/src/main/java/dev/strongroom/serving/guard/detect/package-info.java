/**
 * Tells queries of honest users from those of a model thief, with an error rate stated beforehand.
 */
@NullMarked
package dev.strongroom.serving.guard.detect;

import org.jspecify.annotations.NullMarked;
