/**
 * How a node gets, checks and uses up the vault's permission to hold a model.
 *
 * <p>Start at {@link dev.strongroom.enclave.lease.LeaseRequester}.
 */
@NullMarked
package dev.strongroom.enclave.lease;

import org.jspecify.annotations.NullMarked;
