/**
 * What keeps the vault's keys, a token or a key store file: it imports, re-wraps and releases data
 * keys, and signs.
 *
 * <p>Start at {@link dev.strongroom.crypto.custody.KeyCustodian}.
 */
@NullMarked
package dev.strongroom.crypto.custody;

import org.jspecify.annotations.NullMarked;
