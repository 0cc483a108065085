/**
 * The node's image: a file tree that two builds make alike, and the values by which a launched one
 * is known.
 */
@NullMarked
package dev.strongroom.ops.image;

import org.jspecify.annotations.NullMarked;
