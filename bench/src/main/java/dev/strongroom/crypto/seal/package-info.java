/** Behind the walls of the sealer, for measurements. */
@NullMarked
package dev.strongroom.crypto.seal;

import org.jspecify.annotations.NullMarked;
