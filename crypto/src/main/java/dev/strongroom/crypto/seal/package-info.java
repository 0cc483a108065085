/**
 * Plaintext in, sealed bytes out, under a fresh key per version.
 *
 * <p>Runs where the plaintext is at home; start at {@link dev.strongroom.crypto.seal.Sealer}.
 */
@NullMarked
package dev.strongroom.crypto.seal;

import org.jspecify.annotations.NullMarked;
