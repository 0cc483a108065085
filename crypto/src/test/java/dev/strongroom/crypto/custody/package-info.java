@NullMarked
package dev.strongroom.crypto.custody;

import org.jspecify.annotations.NullMarked;
