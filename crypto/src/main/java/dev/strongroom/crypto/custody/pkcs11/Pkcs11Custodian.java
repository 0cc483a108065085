package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.attestation.Attested;
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
import dev.strongroom.crypto.format.TenantName;
import java.time.Duration;
import java.time.InstantSource;
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
    private final TokenAccess access;
    private final TokenKeys keys;
    private final KeyMaker maker;
    private final TokenWork work;
    private final TokenMac mac;
    private final KeyRecords records;
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
        this.access = access;
        this.keys = keys;
        maker = new KeyMaker(cryptoki, keys, profile.dialect(), new KeyTemplates(origin));
        work = new TokenWork(access, keys);
        mac = new TokenMac(cryptoki, work, keys, profile.macCheck());
        records = new KeyRecords(cryptoki, profile, origin, work, keys, mac);
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
        return connect(
                config,
                cryptoki,
                token,
                InstantSource.system(),
                TokenAccess.PATIENCE,
                KeyMaker::vaultKeys);
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
        return open(config, tokenSerial, clock, TokenAccess.PATIENCE);
    }

    /**
     * The same.
     *
     * @param patience how long a recovery waits for calls that are in the module
     */
    static Pkcs11Custodian open(
            Pkcs11Config config, String tokenSerial, InstantSource clock, Duration patience)
            throws CustodyException {
        Cryptoki cryptoki = Cryptoki.load(config.module());
        var token = TokenChoice.bySerial(cryptoki, config.tokenLabel(), tokenSerial);
        return connect(config, cryptoki, token, clock, patience, (_, _) -> {});
    }

    /** What is done in the first login before anything is looked for. */
    @FunctionalInterface
    private interface Preparation {
        void by(KeyMaker maker, long session) throws Pkcs11Exception, CustodyException;
    }

    private static Pkcs11Custodian connect(
            Pkcs11Config config,
            Cryptoki cryptoki,
            ModuleFacts.TokenInfo token,
            InstantSource clock,
            Duration patience,
            Preparation preparation)
            throws CustodyException {
        ModuleFacts.ModuleInfo module = moduleInfo(cryptoki);
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
                        clock,
                        patience);
        return new Pkcs11Custodian(info, profile, cryptoki, access, keys, config.keys());
    }

    private static ModuleFacts.ModuleInfo moduleInfo(Cryptoki cryptoki) throws CustodyException {
        try {
            return cryptoki.facts().info();
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
        making("make an import key", session -> maker.importKey(session, tenant, version));
        return importKeySpki(tenant, version);
    }

    @Override
    public byte[] importKeySpki(TenantName tenant, int version) throws CustodyException {
        return work.inToken(
                "read an import key", session -> keys.importKeySpki(session, tenant, version));
    }

    @Override
    public KekInfo createKek(TenantName tenant, int version) throws CustodyException {
        KeyName.requireVersion(version);
        making.lock();
        try {
            return work.inToken(
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
        return work.inToken("list key-encryption keys", session -> keys.keks(session, tenant));
    }

    @Override
    public void retireKek(TenantName tenant, int version) throws CustodyException {
        making(
                "retire a key-encryption key",
                session -> {
                    var kek = keys.kek(session, tenant, version);
                    if (kek.info().state() == KekInfo.State.ACTIVE) {
                        maker.retirement(session, tenant, version);
                        keys.forget();
                    }
                });
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
            work.run(what, task);
        } finally {
            making.unlock();
        }
    }

    @Override
    public void destroyKek(TenantName tenant, int version) throws CustodyException {
        making(
                "destroy a key-encryption key",
                session -> {
                    maker.destroyKek(session, tenant, version);
                    keys.forget();
                });
    }

    @Override
    public WrappedKey.AtRest importWrapped(
            byte[] importCiphertext, WrapBinding binding, int importVersion, int kekVersion)
            throws CustodyException {
        return records.importWrapped(importCiphertext, binding, importVersion, kekVersion);
    }

    @Override
    public List<Optional<WrappedKey.AtRest>> authenticateAll(List<byte[]> encoded)
            throws CustodyException {
        return records.authenticateAll(encoded);
    }

    @Override
    public List<WrappedKey.AtRest> gather(List<WrappedKey.AtRest> keys) throws CustodyException {
        return records.gather(keys);
    }

    @Override
    public List<WrappedKey.AtRest> rewrapAll(List<WrappedKey.AtRest> keys, int toKekVersion)
            throws CustodyException {
        return records.rewrapAll(keys, toKekVersion);
    }

    @Override
    public void requireRecipient(byte[] kemSpki) throws CustodyException {
        records.requireRecipient(kemSpki);
    }

    @Override
    public WrappedKey.ForEnclave releaseTo(WrappedKey.AtRest key, Attested<EnclaveKey> enclave)
            throws CustodyException {
        return records.releaseTo(key, enclave);
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
}
