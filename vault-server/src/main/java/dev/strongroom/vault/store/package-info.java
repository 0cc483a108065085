/** Sealed bytes at rest: content-addressed objects and partial uploads. */
@NullMarked
package dev.strongroom.vault.store;

import org.jspecify.annotations.NullMarked;
