package dev.strongroom.crypto.custody.bcfks;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.RecordMac;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/** HMAC-SHA256 under a key of the key store. Thread-safe. */
public final class SoftwareMac implements RecordMac {
    private final SecretKey key;

    SoftwareMac(SecretKey key) {
        this.key = key;
    }

    @Override
    public byte[] mac(byte[] message) throws CustodyException {
        try {
            Mac mac = Mac.getInstance(Entries.HMAC);
            mac.init(key);
            return mac.doFinal(message);
        } catch (GeneralSecurityException e) {
            throw new CustodyException(Reason.TOKEN_FAILED, "cannot authenticate a record", e);
        }
    }

    @Override
    public boolean isOf(byte[] message, byte[] mac) throws CustodyException {
        return MessageDigest.isEqual(mac(message), mac);
    }
}
