package dev.strongroom.crypto.custody;

import dev.strongroom.crypto.custody.bcfks.SoftwareMac;
import dev.strongroom.crypto.custody.pkcs11.TokenMac;
import java.nio.charset.StandardCharsets;

/**
 * Authenticates records with a key that stays with its custodian. Sealed, so that no other code can
 * declare a record authentic.
 */
public sealed interface RecordMac permits TokenMac, SoftwareMac {
    int BYTES = 32; // HMAC-SHA256

    byte[] mac(byte[] message) throws CustodyException;

    /** What {@link KeyCustodian#logSecret} answers. */
    default byte[] logSecret() throws CustodyException {
        return mac("strongroom/log-secret/v1".getBytes(StandardCharsets.US_ASCII));
    }

    /** Whether the MAC is of this message; compared in constant time. */
    boolean isOf(byte[] message, byte[] mac) throws CustodyException;
}
