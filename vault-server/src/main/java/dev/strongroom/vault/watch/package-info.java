/** Leases while they run: notices to nodes, revocations, and what nodes report at the end. */
@NullMarked
package dev.strongroom.vault.watch;

import org.jspecify.annotations.NullMarked;
