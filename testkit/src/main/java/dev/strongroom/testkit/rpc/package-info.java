/** Calls RPCs that it does not know: those of every service that a descriptor lists. */
@NullMarked
package dev.strongroom.testkit.rpc;

import org.jspecify.annotations.NullMarked;
