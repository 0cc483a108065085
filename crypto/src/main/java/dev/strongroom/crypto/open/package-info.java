/**
 * Sealed bytes in, plaintext out, straight into native memory. Exported to the enclave only.
 *
 * <p>Start at {@link dev.strongroom.crypto.open.ReleaseKey}.
 */
@NullMarked
package dev.strongroom.crypto.open;

import org.jspecify.annotations.NullMarked;
