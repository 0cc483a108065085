package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CustodyException;

/** Work in the token, each in a session of its own. Thread-safe. */
final class TokenWork {
    private final TokenAccess access;
    private final TokenKeys keys;

    TokenWork(TokenAccess access, TokenKeys keys) {
        this.access = access;
        this.keys = keys;
    }

    <T> T inToken(String what, SessionLeases.SessionWork<T> work) throws CustodyException {
        try {
            return access.use(what, work);
        } catch (CustodyException e) {
            keys.forget(); // whatever failed, no handle is believed until it is found again
            throw e;
        }
    }

    void run(String what, SessionLeases.SessionTask task) throws CustodyException {
        inToken(
                what,
                session -> {
                    task.in(session);
                    return session;
                });
    }
}
