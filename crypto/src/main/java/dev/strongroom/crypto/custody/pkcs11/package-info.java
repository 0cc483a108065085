/**
 * Custody in a PKCS#11 token.
 *
 * <p>Start at {@link dev.strongroom.crypto.custody.pkcs11.Pkcs11Custodian}.
 */
@NullMarked
package dev.strongroom.crypto.custody.pkcs11;

import org.jspecify.annotations.NullMarked;
