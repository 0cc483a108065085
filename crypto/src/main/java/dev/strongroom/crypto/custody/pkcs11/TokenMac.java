package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.RecordMac;

/** HMAC-SHA256 under a generic secret that was born in the token and cannot leave it. */
public final class TokenMac implements RecordMac {
    TokenMac() {}

    @Override
    public byte[] mac(byte[] message) throws CustodyException {
        throw new CustodyException(CustodyException.Reason.TOKEN_FAILED, "not connected");
    }

    @Override
    public void verify(byte[] message, byte[] mac) throws CustodyException {
        throw new CustodyException(CustodyException.Reason.TOKEN_FAILED, "not connected");
    }
}
