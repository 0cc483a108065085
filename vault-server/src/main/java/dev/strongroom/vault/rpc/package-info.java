/** Thin gRPC services and the one place that maps errors to status codes. */
@NullMarked
package dev.strongroom.vault.rpc;

import org.jspecify.annotations.NullMarked;
