/**
 * What a token does for the vault: it imports, re-wraps and releases data keys that never leave it
 * in clear, and signs.
 *
 * <p>Start at {@link dev.strongroom.crypto.custody.KeyCustodian}.
 */
@NullMarked
package dev.strongroom.crypto.custody;

import org.jspecify.annotations.NullMarked;
