/**
 * Throw-away tokens of a real SoftHSM2.
 *
 * <p>Start at {@link dev.strongroom.testkit.softhsm.SoftHsm}.
 */
@NullMarked
package dev.strongroom.testkit.softhsm;

import org.jspecify.annotations.NullMarked;
