@NullMarked
package dev.strongroom.ops.image;

import org.jspecify.annotations.NullMarked;
