@NullMarked
package dev.strongroom.testkit.softhsm;

import org.jspecify.annotations.NullMarked;
