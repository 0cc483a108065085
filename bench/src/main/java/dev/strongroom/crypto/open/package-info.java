/** Behind the walls of the opener, for measurements. */
@NullMarked
package dev.strongroom.crypto.open;

import org.jspecify.annotations.NullMarked;
