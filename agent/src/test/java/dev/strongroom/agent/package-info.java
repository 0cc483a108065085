@NullMarked
package dev.strongroom.agent;

import org.jspecify.annotations.NullMarked;
