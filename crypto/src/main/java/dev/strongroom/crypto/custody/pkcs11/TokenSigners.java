package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.TokenSigner;
import dev.strongroom.crypto.custody.rules.KeyName;

/**
 * The vault's own signing keys: our binding makes and destroys them, SunPKCS11 signs with them.
 * Thread-safe, but for one thread at a time that makes or destroys.
 */
record TokenSigners(TokenAccess access, KeyMaker maker) {
    TokenSigner find(SigningKey key, int version) throws CustodyException {
        KeyName name = KeyName.signing(key, version);
        return new RecoverableSigner(
                name,
                access.sign("find a signing key", signers -> signers.publicKey(name)),
                access);
    }

    TokenSigner make(SigningKey key, int version) throws CustodyException {
        run("make a signing key", session -> maker.signingKey(session, key, version));
        KeyName name = KeyName.signing(key, version);
        access.sign(
                "find the new signing key",
                signers -> {
                    signers.load(name);
                    return name;
                });
        return find(key, version);
    }

    void discardTorn(SigningKey key, int version) throws CustodyException {
        KeyName name = KeyName.signing(key, version);
        run("discard a torn key", session -> maker.discardTornSigningKey(session, name));
    }

    void destroy(SigningKey key, int version) throws CustodyException {
        KeyName name = KeyName.signing(key, version);
        run("destroy a signing key", session -> maker.destroySigningKey(session, name));
        access.sign(
                "forget a signing key",
                signers -> {
                    signers.forget(name);
                    return name;
                });
    }

    private void run(String what, SessionLeases.SessionTask task) throws CustodyException {
        access.use(
                what,
                session -> {
                    task.in(session);
                    return session;
                });
    }
}
