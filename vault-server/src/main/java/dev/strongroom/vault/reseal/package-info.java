/** A version under a new data key, sealed anew inside an attested node. */
@NullMarked
package dev.strongroom.vault.reseal;

import org.jspecify.annotations.NullMarked;
