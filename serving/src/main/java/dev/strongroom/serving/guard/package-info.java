/**
 * What stands between a model and its callers: who may ask how much, and how much an answer tells,
 * as the owner's output policy says.
 */
@NullMarked
package dev.strongroom.serving.guard;

import org.jspecify.annotations.NullMarked;
