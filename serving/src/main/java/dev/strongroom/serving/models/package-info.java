/** Which models are open on this node, and how one takes another's place. */
@NullMarked
package dev.strongroom.serving.models;

import org.jspecify.annotations.NullMarked;
