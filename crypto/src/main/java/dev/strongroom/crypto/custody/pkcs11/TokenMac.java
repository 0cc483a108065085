package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.RecordMac;
import java.security.MessageDigest;

/**
 * HMAC-SHA256 under a generic secret that was born in the token and cannot leave it. Thread-safe.
 */
public final class TokenMac implements RecordMac {
    private static final Mechanism HMAC = new Mechanism.Plain(Ck.CKM_SHA256_HMAC);

    private final Cryptoki cryptoki;
    private final TokenWork work;
    private final TokenKeys keys;
    private final MacCheck check;

    TokenMac(Cryptoki cryptoki, TokenWork work, TokenKeys keys, MacCheck check) {
        this.cryptoki = cryptoki;
        this.work = work;
        this.keys = keys;
        this.check = check;
    }

    @Override
    public byte[] mac(byte[] message) throws CustodyException {
        return work.inToken(
                "authenticate a record",
                session -> cryptoki.sign(session, HMAC, keys.recordMac(session), message));
    }

    @Override
    public boolean isOf(byte[] message, byte[] mac) throws CustodyException {
        return work.inToken("verify a record", session -> isAuthentic(session, message, mac));
    }

    private boolean isAuthentic(long session, byte[] message, byte[] mac)
            throws Pkcs11Exception, CustodyException {
        return switch (check) {
            case IN_TOKEN -> verifies(session, message, mac);
            case BY_COMPARISON ->
                    MessageDigest.isEqual(
                            cryptoki.sign(session, HMAC, keys.recordMac(session), message), mac);
        };
    }

    private boolean verifies(long session, byte[] message, byte[] mac)
            throws Pkcs11Exception, CustodyException {
        try {
            cryptoki.verify(session, HMAC, keys.recordMac(session), message, mac);
            return true;
        } catch (Pkcs11Exception e) {
            if (e.result() == CkResult.SIGNATURE_INVALID
                    || e.result() == CkResult.SIGNATURE_LEN_RANGE) {
                return false; // C_Verify has ended the operation, so the session stays good
            }
            throw e;
        }
    }
}
