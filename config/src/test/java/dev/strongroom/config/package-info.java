/** Tests of the strict reader. */
@NullMarked
package dev.strongroom.config;

import org.jspecify.annotations.NullMarked;
