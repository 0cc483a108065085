package dev.strongroom.crypto.custody;

import dev.strongroom.crypto.custody.bcfks.SoftwareMac;
import dev.strongroom.crypto.custody.pkcs11.TokenMac;

/**
 * Authenticates records with a key that stays with its custodian. Sealed, so that no other code can
 * declare a record authentic.
 */
public sealed interface RecordMac permits TokenMac, SoftwareMac {
    int BYTES = 32; // HMAC-SHA256

    byte[] mac(byte[] message) throws CustodyException;

    /** Whether the MAC is of this message; compared in constant time. */
    boolean isOf(byte[] message, byte[] mac) throws CustodyException;
}
