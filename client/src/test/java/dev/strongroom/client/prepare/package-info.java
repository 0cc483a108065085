@NullMarked
package dev.strongroom.client.prepare;

import org.jspecify.annotations.NullMarked;
