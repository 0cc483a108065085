package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;

/** Says what a failed call means for the operation it was part of. */
final class TokenFailures {
    private TokenFailures() {}

    static CustodyException of(String what, Pkcs11Exception e) {
        return new CustodyException(
                Reason.TOKEN_FAILED,
                what
                        + ": "
                        + e.getMessage()
                        + "; nothing was changed by us, check the token and start again",
                e);
    }
}
