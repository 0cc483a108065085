@NullMarked
package dev.strongroom.witness;

import org.jspecify.annotations.NullMarked;
