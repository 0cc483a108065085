package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KeyOrigin;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.rules.KeyName;
import dev.strongroom.crypto.format.TenantName;

/**
 * Makes token keys, each only when it was asked for and nothing has its name. A token that lost the
 * vault's own keys gets no tenant's key either. Not thread-safe: the caller lets one thread in at a
 * time.
 */
final class KeyMaker {
    private final Cryptoki cryptoki;
    private final TokenKeys keys;
    private final TemplateDialect dialect;
    private final KeyTemplates templates;

    KeyMaker(Cryptoki cryptoki, TokenKeys keys, TemplateDialect dialect, KeyTemplates templates) {
        this.cryptoki = cryptoki;
        this.keys = keys;
        this.dialect = dialect;
        this.templates = templates;
    }

    /** The vault's own keys; refuses before it makes any, if one of them is there. */
    void vaultKeys(long session) throws Pkcs11Exception, CustodyException {
        keys.requireAbsent(session, KeyName.recordMac());
        for (SigningKey key : SigningKey.values()) {
            keys.requireAbsent(session, KeyName.signing(key));
        }
        recordMac(session);
        for (SigningKey key : SigningKey.values()) {
            signing(session, key, SigningKey.FIRST);
        }
    }

    /** The next version of one of the vault's own keys. */
    void signingKey(long session, SigningKey key, int version)
            throws Pkcs11Exception, CustodyException {
        keys.requireVaultKeys(session);
        keys.requireAbsent(session, KeyName.signing(key, version));
        signing(session, key, version);
        keys.signingKey(session, KeyName.signing(key, version));
    }

    /** Without its certificate, which is made last, a key is torn as well. */
    void discardTornSigningKey(long session, KeyName name)
            throws Pkcs11Exception, CustodyException {
        discardTorn(
                session,
                name,
                () -> {
                    keys.requireCertificate(session, name);
                    return keys.signingKey(session, name);
                });
    }

    /** Everything under the name, so that nothing of it is found again. */
    void destroySigningKey(long session, KeyName name) throws Pkcs11Exception, CustodyException {
        keys.requireVaultKeys(session);
        destroyAll(session, name);
    }

    void kek(long session, TenantName tenant, int version)
            throws Pkcs11Exception, CustodyException {
        keys.requireVaultKeys(session);
        keys.requireAbsent(session, KeyName.retirement(tenant, version));
        switch (templates.origin()) {
            case VAULT -> makeKek(session, KeyName.kek(tenant, version));
            case CEREMONY -> adopt(() -> keys.kek(session, tenant, version));
        }
    }

    /** Whoever is logged in makes it. */
    void makeKek(long session, KeyName name) throws Pkcs11Exception, CustodyException {
        keys.requireAbsent(session, name);
        secretKey(session, Ck.CKM_AES_KEY_GEN, templates.kek(name));
    }

    void importKey(long session, TenantName tenant, int version)
            throws Pkcs11Exception, CustodyException {
        keys.requireVaultKeys(session);
        switch (templates.origin()) {
            case VAULT -> makeImportKey(session, KeyName.importKey(tenant, version));
            case CEREMONY -> adopt(() -> keys.importKey(session, tenant, version));
        }
    }

    @FunctionalInterface
    private interface Search {
        Object find() throws Pkcs11Exception, CustodyException;
    }

    /** What a security officer made is taken as it is, once it has every attribute. */
    private static void adopt(Search search) throws Pkcs11Exception, CustodyException {
        try {
            search.find();
        } catch (CustodyException e) {
            if (e.reason() != CustodyException.Reason.KEY_NOT_FOUND) {
                throw e;
            }
            throw new CustodyException(
                    CustodyException.Reason.CEREMONY_MISSING,
                    "this vault's keys are made at a ceremony, and none was held for this one: stop"
                            + " the vault, hold it (strongroom keys ceremony), then try again",
                    e);
        }
    }

    void makeImportKey(long session, KeyName name) throws Pkcs11Exception, CustodyException {
        keys.requireAbsent(session, name);
        Cryptoki.KeyPairHandles pair =
                cryptoki.generateKeyPair(
                        session,
                        new Mechanism.Plain(Ck.CKM_RSA_PKCS_KEY_PAIR_GEN),
                        dialect.key(templates.importPublicKey()),
                        dialect.key(templates.importPrivateKey(name)));
        cryptoki.destroyObject(session, pair.publicKey());
    }

    void retirement(long session, TenantName tenant, int version) throws Pkcs11Exception {
        secretKey(
                session,
                Ck.CKM_GENERIC_SECRET_KEY_GEN,
                Templates.retirement(KeyName.retirement(tenant, version)));
    }

    void discardTornKek(long session, TenantName tenant, int version)
            throws Pkcs11Exception, CustodyException {
        discardTorn(
                session, KeyName.kek(tenant, version), () -> keys.kek(session, tenant, version));
    }

    void discardTornImportKey(long session, TenantName tenant, int version)
            throws Pkcs11Exception, CustodyException {
        discardTorn(
                session,
                KeyName.importKey(tenant, version),
                () -> keys.importKey(session, tenant, version));
    }

    /** SoftHSM2 writes a key in two steps; a process that ends between them leaves half of one. */
    private void discardTorn(long session, KeyName name, Search search)
            throws Pkcs11Exception, CustodyException {
        keys.requireVaultKeys(session);
        try {
            search.find();
            return;
        } catch (CustodyException e) {
            if (e.reason() == CustodyException.Reason.KEY_NOT_FOUND) {
                return;
            }
            if (e.reason() != CustodyException.Reason.KEY_ATTRIBUTES) {
                throw e;
            }
        }
        destroyAll(session, name);
    }

    private void destroyAll(long session, KeyName name) throws Pkcs11Exception {
        for (long object :
                cryptoki.find(session, new Template().bytes(Ck.CKA_ID, name.id().bytes()))) {
            cryptoki.destroyObject(session, object);
        }
        keys.forget();
    }

    /**
     * Ends a retired key-encryption key. Looked for again and verified, so that nothing else is
     * destroyed in its name.
     */
    void destroyKek(long session, TenantName tenant, int version)
            throws Pkcs11Exception, CustodyException {
        keys.requireVaultKeys(session);
        KeyName name = KeyName.kek(tenant, version);
        boolean retired = keys.isRetired(session, tenant, version);
        if (retired && !keys.isPresent(session, name)) {
            return; // destroyed before
        }
        TokenKeys.Kek kek = keys.kek(session, tenant, version);
        if (!retired) {
            throw new CustodyException(
                    CustodyException.Reason.KEK_ACTIVE,
                    name.label() + " is not retired; nothing was destroyed");
        }
        if (templates.origin() == KeyOrigin.CEREMONY) {
            throw new CustodyException(
                    CustodyException.Reason.KEY_PROTECTED,
                    name.label()
                            + " was made at a ceremony and cannot be destroyed by itself; its"
                            + " security officer re-initialises the token when nothing needs it");
        }
        cryptoki.destroyObject(session, kek.handle());
        keys.forget();
        if (keys.isPresent(session, name)) {
            throw new CustodyException(
                    CustodyException.Reason.TOKEN_FAILED,
                    name.label() + " is still in the token after it was destroyed");
        }
    }

    private void recordMac(long session) throws Pkcs11Exception {
        secretKey(session, Ck.CKM_GENERIC_SECRET_KEY_GEN, Templates.recordMac(KeyName.recordMac()));
    }

    private void secretKey(long session, long mechanism, Template template) throws Pkcs11Exception {
        cryptoki.generateKey(
                session,
                new Mechanism.Plain(mechanism),
                dialect.key(template).number(Ck.CKA_VALUE_LEN, Templates.AES_256_BYTES));
    }

    private void signing(long session, SigningKey key, int version) throws Pkcs11Exception {
        KeyName name = KeyName.signing(key, version);
        Cryptoki.KeyPairHandles pair =
                cryptoki.generateKeyPair(
                        session,
                        new Mechanism.Plain(Ck.CKM_EC_KEY_PAIR_GEN),
                        dialect.key(Templates.signingPublicKey()),
                        dialect.key(Templates.signingPrivateKey(name)));
        byte[] point = cryptoki.attribute(session, pair.publicKey(), Ck.CKA_EC_POINT);
        cryptoki.destroyObject(session, pair.publicKey());
        var certificate = new CarrierCertificate(key, version, point);
        byte[] signature =
                cryptoki.sign(
                        session,
                        new Mechanism.Plain(Ck.CKM_ECDSA),
                        pair.privateKey(),
                        certificate.digest());
        cryptoki.createObject(
                session,
                dialect.certificate(
                        Templates.carrierCertificate(
                                name,
                                certificate.subject(),
                                certificate.serialNumber(),
                                certificate.encode(signature))));
    }
}
