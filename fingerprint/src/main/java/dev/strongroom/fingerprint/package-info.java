/**
 * Per-recipient fingerprints of weights: {@link Marker} puts one in, {@link Residual} tests a
 * suspect for it.
 */
@NullMarked
package dev.strongroom.fingerprint;

import org.jspecify.annotations.NullMarked;
