@NullMarked
package dev.strongroom.client;

import org.jspecify.annotations.NullMarked;
