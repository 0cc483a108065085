/** Who may call this node, and how much at a time, whichever transport they come over. */
@NullMarked
package dev.strongroom.serving.access;

import org.jspecify.annotations.NullMarked;
