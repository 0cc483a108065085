package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;

/** Says what a failed call means for the operation it was part of. */
final class TokenFailures {
    private TokenFailures() {}

    static CustodyException of(String what, Pkcs11Exception e) {
        if (e.result() == CkResult.SESSION_COUNT) {
            return new CustodyException(
                    Reason.TOKEN_BUSY, what + ": the module gives no more sessions; try again", e);
        }
        return new CustodyException(
                Reason.TOKEN_FAILED,
                what + ": " + e.getMessage() + "; nothing was changed by us, check the token",
                e);
    }
}
