package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.attestation.Attested;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EnclaveKey;
import dev.strongroom.crypto.custody.CustodianInfo;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.KeyOrigin;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.TokenSigner;
import dev.strongroom.crypto.custody.TokenState;
import dev.strongroom.crypto.custody.WrapBinding;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.custody.rules.KeyName;
import dev.strongroom.crypto.custody.rules.RecipientKey;
import dev.strongroom.crypto.custody.rules.RecordRules;
import dev.strongroom.crypto.format.TenantName;
import java.security.interfaces.RSAPublicKey;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps keys in a PKCS#11 token. One open custodian per token and process.
 *
 * <p>What the token itself refuses, even to a process that has the PIN: reading a key-encryption,
 * import, signing or MAC key; decrypting, encrypting, signing or deriving with a key-encryption
 * key; changing or copying one; unwrapping a data key readable, usable, persistent or not private.
 *
 * <p>What it cannot refuse to a process that has the PIN on a soft token: wrapping a data key to a
 * public key of its own, creating a key-encryption key of known value and wrapping to that,
 * digesting a data key while it is unwrapped (useless: nothing is derived from a data key),
 * destroying keys, signing, and having MACs made for records of its own. So the PIN is as good as
 * the data keys here; every use of it by this code is behind {@link #releaseTo}.
 *
 * <p>Thread-safe.
 */
public final class Pkcs11Custodian implements KeyCustodian {
    private final CustodianInfo info;
    private final ModuleProfile profile;
    private final TokenAccess access;
    private final TokenKeys keys;
    private final KeyMaker maker;
    private final DataKeys dataKeys;
    private final KeyOrigin origin;
    private final TokenMac mac;
    private final TokenSigners signers;
    private final ReentrantLock making = new ReentrantLock();

    private Pkcs11Custodian(
            CustodianInfo info,
            ModuleProfile profile,
            Cryptoki cryptoki,
            TokenAccess access,
            TokenKeys keys,
            KeyOrigin origin) {
        this.info = info;
        this.profile = profile;
        this.access = access;
        this.keys = keys;
        this.origin = origin;
        var templates = new KeyTemplates(origin);
        maker = new KeyMaker(cryptoki, keys, profile.dialect(), templates);
        dataKeys = new DataKeys(cryptoki, profile, templates);
        mac = new TokenMac(cryptoki, access, keys, profile.macCheck());
        signers = new TokenSigners(access, maker);
    }

    /**
     * Makes the vault's own keys in an empty token and opens it. Remember {@link
     * CustodianInfo#tokenSerial()}: {@link #open} asks for it. A token in which this was
     * interrupted must be initialised anew by its own tool.
     *
     * @throws CustodyException KEY_EXISTS if one of the keys is already there, PIN_INCORRECT after
     *     exactly one attempt, PIN_NOT_USABLE, TOKEN_NOT_FOUND, TOKEN_DUPLICATE, TOKEN_BUSY,
     *     MODULE_NOT_USABLE, SELF_TEST_FAILED, TOKEN_FAILED
     */
    public static Pkcs11Custodian initialise(Pkcs11Config config) throws CustodyException {
        Cryptoki cryptoki = Cryptoki.load(config.module());
        var token = TokenChoice.byLabel(cryptoki, config.tokenLabel());
        return connect(config, cryptoki, token, InstantSource.system(), KeyMaker::vaultKeys);
    }

    /**
     * Logs in once, runs the self-test and checks that the vault's own keys are there.
     *
     * @param tokenSerial the serial number that {@link #initialise} reported
     * @throws CustodyException TOKEN_CHANGED if the label is on another token, PIN_INCORRECT after
     *     exactly one attempt, KEY_NOT_FOUND, KEY_DUPLICATE, KEY_ATTRIBUTES, PIN_NOT_USABLE,
     *     TOKEN_NOT_FOUND, TOKEN_DUPLICATE, TOKEN_BUSY, MODULE_NOT_USABLE, SELF_TEST_FAILED,
     *     TOKEN_FAILED
     */
    public static Pkcs11Custodian open(Pkcs11Config config, String tokenSerial)
            throws CustodyException {
        return open(config, tokenSerial, InstantSource.system());
    }

    /**
     * The same.
     *
     * @param clock for the pauses between recoveries
     */
    public static Pkcs11Custodian open(Pkcs11Config config, String tokenSerial, InstantSource clock)
            throws CustodyException {
        Cryptoki cryptoki = Cryptoki.load(config.module());
        var token = TokenChoice.bySerial(cryptoki, config.tokenLabel(), tokenSerial);
        return connect(config, cryptoki, token, clock, (_, _) -> {});
    }

    /** What is done in the first login before anything is looked for. */
    @FunctionalInterface
    private interface Preparation {
        void by(KeyMaker maker, long session) throws Pkcs11Exception, CustodyException;
    }

    private static Pkcs11Custodian connect(
            Pkcs11Config config,
            Cryptoki cryptoki,
            Cryptoki.TokenInfo token,
            InstantSource clock,
            Preparation preparation)
            throws CustodyException {
        Cryptoki.ModuleInfo module = moduleInfo(cryptoki);
        ModuleProfile profile = ModuleProfiles.choose(module, config.module());
        var templates = new KeyTemplates(config.keys());
        var keys = new TokenKeys(cryptoki, profile, templates);
        var maker = new KeyMaker(cryptoki, keys, profile.dialect(), templates);
        var login = new TokenLogin(config, cryptoki, profile, keys);
        Connection first = login.into(token, session -> preparation.by(maker, session));
        var info =
                new CustodianInfo(
                        module.name(),
                        token.label(),
                        token.serial(),
                        profile.levelOf(config.keys()),
                        profile.oaep(),
                        first.capabilities());
        var access =
                new TokenAccess(
                        cryptoki,
                        first,
                        () -> login.again(token, first),
                        keys::requireVaultKeys,
                        clock);
        return new Pkcs11Custodian(info, profile, cryptoki, access, keys, config.keys());
    }

    private static Cryptoki.ModuleInfo moduleInfo(Cryptoki cryptoki) throws CustodyException {
        try {
            return cryptoki.info();
        } catch (Pkcs11Exception e) {
            throw TokenFailures.of("ask the module", e);
        }
    }

    @Override
    public CustodianInfo info() {
        return info;
    }

    @Override
    public TokenState state() {
        return access.state();
    }

    @Override
    public TokenState check() {
        return access.check();
    }

    @Override
    public TokenState recover() {
        return access.recoverNow();
    }

    @Override
    public byte[] createImportKey(TenantName tenant, int version) throws CustodyException {
        KeyName.requireVersion(version);
        making.lock();
        try {
            inToken(
                    "make an import key",
                    session -> {
                        maker.importKey(session, tenant, version);
                        return session;
                    });
        } finally {
            making.unlock();
        }
        return importKeySpki(tenant, version);
    }

    @Override
    public byte[] importKeySpki(TenantName tenant, int version) throws CustodyException {
        return inToken(
                "read an import key", session -> keys.importKeySpki(session, tenant, version));
    }

    @Override
    public KekInfo createKek(TenantName tenant, int version) throws CustodyException {
        KeyName.requireVersion(version);
        making.lock();
        try {
            return inToken(
                    "make a key-encryption key",
                    session -> {
                        maker.kek(session, tenant, version);
                        return keys.kek(session, tenant, version).info();
                    });
        } finally {
            making.unlock();
        }
    }

    @Override
    public List<KekInfo> keks(TenantName tenant) throws CustodyException {
        return inToken("list key-encryption keys", session -> keys.keks(session, tenant));
    }

    @Override
    public void retireKek(TenantName tenant, int version) throws CustodyException {
        making.lock();
        try {
            inToken(
                    "retire a key-encryption key",
                    session -> {
                        var kek = keys.kek(session, tenant, version);
                        if (kek.info().state() == KekInfo.State.ACTIVE) {
                            maker.retirement(session, tenant, version);
                            keys.forget();
                        }
                        return session;
                    });
        } finally {
            making.unlock();
        }
    }

    @Override
    public void discardTornKek(TenantName tenant, int version) throws CustodyException {
        making("discard a torn key", session -> maker.discardTornKek(session, tenant, version));
    }

    @Override
    public void discardTornImportKey(TenantName tenant, int version) throws CustodyException {
        making(
                "discard a torn key",
                session -> maker.discardTornImportKey(session, tenant, version));
    }

    private void making(String what, SessionLeases.SessionTask task) throws CustodyException {
        making.lock();
        try {
            inToken(
                    what,
                    session -> {
                        task.in(session);
                        return session;
                    });
        } finally {
            making.unlock();
        }
    }

    @Override
    public void destroyKek(TenantName tenant, int version) throws CustodyException {
        making.lock();
        try {
            inToken(
                    "destroy a key-encryption key",
                    session -> {
                        maker.destroyKek(session, tenant, version);
                        return session;
                    });
        } finally {
            keys.forget();
            making.unlock();
        }
    }

    @Override
    public WrappedKey.AtRest importWrapped(
            byte[] importCiphertext, WrapBinding binding, int importVersion, int kekVersion)
            throws CustodyException {
        TenantName tenant = binding.model().tenant();
        KekInfo kek =
                inToken(
                        "find the keys of an import",
                        session -> {
                            keys.importKey(session, tenant, importVersion);
                            return keys.activeKek(session, tenant, kekVersion).info();
                        });
        byte[] wrapped = imported(importCiphertext, tenant, importVersion, kekVersion);
        return WrappedKey.AtRest.write(wrapping(binding, kek, wrapped), mac);
    }

    private byte[] imported(byte[] ciphertext, TenantName tenant, int importVersion, int kekVersion)
            throws CustodyException {
        try {
            return inToken(
                    "import a data key",
                    session ->
                            dataKeys.fromImport(
                                    session,
                                    keys.importKey(session, tenant, importVersion),
                                    ciphertext,
                                    keys.activeKek(session, tenant, kekVersion).handle()));
        } catch (CustodyException e) {
            // The module's answer does not tell a bad ciphertext from a lost key, so look.
            inToken(
                    "find the import key again",
                    session -> keys.importKey(session, tenant, importVersion));
            inToken(
                    "find the key-encryption key again",
                    session -> keys.kek(session, tenant, kekVersion));
            throw e;
        }
    }

    @Override
    public List<Optional<WrappedKey.AtRest>> authenticateAll(List<byte[]> records)
            throws CustodyException {
        return RecordRules.onlyOwn(
                WrappedKey.AtRest.readAll(records, mac), profile.keyWrapFormat());
    }

    @Override
    public List<WrappedKey.AtRest> gather(List<WrappedKey.AtRest> keys) throws CustodyException {
        return WrappedKey.AtRest.gather(keys, mac);
    }

    @Override
    public List<WrappedKey.AtRest> rewrapAll(List<WrappedKey.AtRest> keys, int toKekVersion)
            throws CustodyException {
        RecordRules.requireSameKek(keys);
        List<WrappedKey.AtRest.Wrapping> rewrapped =
                inToken("re-wrap data keys", session -> rewrapped(session, keys, toKekVersion));
        return WrappedKey.AtRest.writeAll(rewrapped, mac);
    }

    private List<WrappedKey.AtRest.Wrapping> rewrapped(
            long session, List<WrappedKey.AtRest> all, int toKekVersion)
            throws Pkcs11Exception, CustodyException {
        WrappedKey.AtRest first = all.getFirst();
        long from = keys.kek(session, first.tenant(), first.kekVersion()).handle();
        TokenKeys.Kek to = keys.activeKek(session, first.tenant(), toKekVersion);
        List<WrappedKey.AtRest.Wrapping> rewrapped = new ArrayList<>();
        for (WrappedKey.AtRest key : all) {
            byte[] bytes = dataKeys.fromKek(session, from, key.wrapped(), to.handle());
            rewrapped.add(wrapping(key.binding(), to.info(), bytes));
        }
        return rewrapped;
    }

    private WrappedKey.AtRest.Wrapping wrapping(WrapBinding binding, KekInfo kek, byte[] bytes) {
        return new WrappedKey.AtRest.Wrapping(binding, kek, profile.keyWrapFormat(), bytes);
    }

    @Override
    public void requireRecipient(byte[] kemSpki) throws CustodyException {
        if (origin == KeyOrigin.CEREMONY) {
            RSAPublicKey recipient = RecipientKey.of(kemSpki);
            inToken(
                    "find a registered recipient",
                    session -> keys.registeredRecipient(session, kemSpki, recipient));
        }
    }

    @Override
    public WrappedKey.ForEnclave releaseTo(WrappedKey.AtRest key, Attested<EnclaveKey> enclave)
            throws CustodyException {
        RecordRules.requireBound(key, enclave.transcript());
        byte[] kemSpki = enclave.value().kemSpki();
        RSAPublicKey recipient = RecipientKey.of(kemSpki);
        byte[] wrapped =
                inToken(
                        "release a data key",
                        session -> released(session, key, kemSpki, recipient));
        return new WrappedKey.ForEnclave(wrapped, profile.oaepFormat(), Digest.sha256(kemSpki));
    }

    private byte[] released(
            long session, WrappedKey.AtRest key, byte[] kemSpki, RSAPublicKey recipient)
            throws Pkcs11Exception, CustodyException {
        long kek = keys.kek(session, key.tenant(), key.kekVersion()).handle();
        return switch (origin) {
            case VAULT -> dataKeys.toRecipient(session, kek, key.wrapped(), recipient);
            case CEREMONY ->
                    dataKeys.toRegistered(
                            session,
                            kek,
                            key.wrapped(),
                            keys.registeredRecipient(session, kemSpki, recipient));
        };
    }

    @Override
    public TokenSigner signer(SigningKey key, int version) throws CustodyException {
        return signers.find(key, version);
    }

    @Override
    public TokenSigner createSigner(SigningKey key, int version) throws CustodyException {
        KeyName.requireRotates(key, version);
        making.lock();
        try {
            return signers.make(key, version);
        } finally {
            making.unlock();
        }
    }

    @Override
    public void discardTornSigner(SigningKey key, int version) throws CustodyException {
        KeyName.requireRotates(key, version);
        making.lock();
        try {
            signers.discardTorn(key, version);
        } finally {
            making.unlock();
        }
    }

    @Override
    public void destroySigner(SigningKey key, int version) throws CustodyException {
        KeyName.requireRotates(key, version);
        making.lock();
        try {
            signers.destroy(key, version);
        } finally {
            making.unlock();
        }
    }

    @Override
    public byte[] logSecret() throws CustodyException {
        return mac.logSecret();
    }

    @Override
    public void close() {
        access.close();
    }

    private <T> T inToken(String what, SessionLeases.SessionWork<T> work) throws CustodyException {
        try {
            return access.use(what, work);
        } catch (CustodyException e) {
            keys.forget(); // whatever failed, no handle is believed until it is found again
            throw e;
        }
    }
}
