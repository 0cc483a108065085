/**
 * The records that parties exchange and sign, with strict readers: every malformed input is a
 * {@link dev.strongroom.crypto.format.SealedFormatException}. docs/format.md is the same in prose.
 *
 * <p>Byte arrays of these records are shared, not copied: treat them as read-only.
 */
@NullMarked
package dev.strongroom.crypto.format;

import org.jspecify.annotations.NullMarked;
