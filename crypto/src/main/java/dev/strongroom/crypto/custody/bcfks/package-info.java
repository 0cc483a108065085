/**
 * Custody in a key store file of Bouncy Castle, for a vault without a token.
 *
 * <p>Start at {@link dev.strongroom.crypto.custody.bcfks.BcfksCustodian}.
 */
@NullMarked
package dev.strongroom.crypto.custody.bcfks;

import org.jspecify.annotations.NullMarked;
