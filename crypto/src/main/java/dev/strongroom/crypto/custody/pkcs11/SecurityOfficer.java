package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.PinSource;

/** A session in which the token's security officer is logged in; closing it logs him out. */
final class SecurityOfficer implements AutoCloseable {
    private final Cryptoki cryptoki;
    private final long session;

    private SecurityOfficer(Cryptoki cryptoki, long session) {
        this.cryptoki = cryptoki;
        this.session = session;
    }

    /** Logs in with exactly one attempt. */
    static SecurityOfficer login(Cryptoki cryptoki, long slot, PinSource pin)
            throws CustodyException {
        try {
            long session = cryptoki.openSession(slot);
            try {
                SessionLeases.attempt(cryptoki, session, Ck.CKU_SO, pin);
            } catch (CustodyException | Pkcs11Exception e) {
                cryptoki.closeSession(session);
                throw e;
            }
            return new SecurityOfficer(cryptoki, session);
        } catch (Pkcs11Exception e) {
            if (e.result() == CkResult.USER_ANOTHER_ALREADY_LOGGED_IN) {
                throw new CustodyException(
                        Reason.TOKEN_BUSY,
                        "the token's user is logged in; stop the vault first",
                        e);
            }
            throw SessionLeases.loginFailure(e);
        }
    }

    long session() {
        return session;
    }

    @Override
    public void close() {
        try {
            cryptoki.logout(session);
            cryptoki.closeSession(session);
        } catch (Pkcs11Exception ignored) {
            // a token that is gone has logged him out
        }
    }
}
