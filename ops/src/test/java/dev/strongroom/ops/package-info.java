@NullMarked
package dev.strongroom.ops;

import org.jspecify.annotations.NullMarked;
