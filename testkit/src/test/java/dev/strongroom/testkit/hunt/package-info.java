@NullMarked
package dev.strongroom.testkit.hunt;

import org.jspecify.annotations.NullMarked;
