@NullMarked
package dev.strongroom.testkit;

import org.jspecify.annotations.NullMarked;
