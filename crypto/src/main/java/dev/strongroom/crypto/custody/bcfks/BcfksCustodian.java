package dev.strongroom.crypto.custody.bcfks;

import dev.strongroom.attestation.Attested;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EnclaveKey;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.custody.CapabilityReport;
import dev.strongroom.crypto.custody.CustodianInfo;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.TokenSigner;
import dev.strongroom.crypto.custody.WrapBinding;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.custody.rules.KeyName;
import dev.strongroom.crypto.custody.rules.RecipientKey;
import dev.strongroom.crypto.custody.rules.RecordRules;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.WrapFormat;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.crypto.SecretKey;

/**
 * Keeps keys in an encrypted file, level {@link TrustLevel#SOFTWARE}: for a vault without a token.
 *
 * <p>What it protects: a copy of the file without its password is worth nothing, and a data key is
 * a byte array only inside one method of {@link DataKeys}. What it does not: the key-encryption,
 * import, signing and MAC keys that were used are plain keys in this process's heap for as long as
 * it is open, so whoever can read this process's memory, or has the file and the password, has
 * every data key.
 *
 * <p>Thread-safe.
 */
public final class BcfksCustodian implements KeyCustodian {
    private static final int MODULUS_BITS = 3072;

    private final UnlockedStore store;
    private final SecureRandom random;
    private final CustodianInfo info;
    private final SoftwareMac mac;

    private BcfksCustodian(UnlockedStore store, SecureRandom random) throws CustodyException {
        this.store = store;
        this.random = random;
        info =
                new CustodianInfo(
                        Entries.format(),
                        store.path(),
                        store.serial(),
                        TrustLevel.SOFTWARE,
                        DataKeys.OAEP,
                        CapabilityReport.inProcess("bcfks", DataKeys.FORMAT, DataKeys.OAEP));
        mac = new SoftwareMac(store.entries().secret(KeyName.recordMac(), Entries.HMAC));
        for (SigningKey key : SigningKey.values()) {
            requireSigningKey(key);
        }
    }

    private void requireSigningKey(SigningKey key) throws CustodyException {
        String prefix = KeyName.signingLabelPrefix(key);
        if (store.entries().labels().stream().noneMatch(label -> label.startsWith(prefix))) {
            throw Entries.notFound(KeyName.signing(key).label());
        }
    }

    private SoftwareSigner signer(KeyName name) throws CustodyException {
        Entries entries = store.entries();
        try {
            return new SoftwareSigner(
                    entries.privateKey(name),
                    (ECPublicKey) entries.publicKey(name),
                    store.isOpen());
        } catch (ClassCastException e) {
            throw new CustodyException(Reason.KEY_ATTRIBUTES, name.label() + ": not P-256", e);
        }
    }

    /**
     * Makes a key store with the vault's own keys and opens it. Remember {@link
     * CustodianInfo#tokenSerial()}: {@link #open} asks for it.
     *
     * @throws CustodyException KEY_EXISTS if the file exists, PIN_NOT_USABLE, STORE_NOT_USABLE,
     *     TOKEN_BUSY, SELF_TEST_FAILED
     */
    public static BcfksCustodian initialise(BcfksConfig config, SecureRandom random)
            throws CustodyException {
        KnownAnswer.require();
        return over(UnlockedStore.create(config, random), random);
    }

    /**
     * Unlocks the key store, with one attempt, and checks that the vault's own keys are there.
     *
     * @param serial what {@link #initialise} reported
     * @throws CustodyException TOKEN_NOT_FOUND if there is no file, PIN_INCORRECT if the password
     *     is wrong or the file was changed, TOKEN_CHANGED if it is another key store,
     *     KEY_NOT_FOUND, KEY_ATTRIBUTES, PIN_NOT_USABLE, STORE_NOT_USABLE, TOKEN_BUSY,
     *     SELF_TEST_FAILED
     */
    public static BcfksCustodian open(BcfksConfig config, String serial, SecureRandom random)
            throws CustodyException {
        KnownAnswer.require();
        return over(UnlockedStore.open(config, serial, random), random);
    }

    private static BcfksCustodian over(UnlockedStore store, SecureRandom random)
            throws CustodyException {
        try {
            return new BcfksCustodian(store, random);
        } catch (CustodyException | RuntimeException e) {
            store.close();
            throw e;
        }
    }

    @Override
    public CustodianInfo info() {
        return info;
    }

    @Override
    public byte[] createImportKey(TenantName tenant, int version) throws CustodyException {
        KeyName.requireVersion(version);
        KeyName name = KeyName.importKey(tenant, version);
        store.entries().requireAbsent(name);
        store.change(next -> KeyPairs.RSA_3072.addTo(next, name, random));
        return importKeySpki(tenant, version);
    }

    @Override
    public byte[] importKeySpki(TenantName tenant, int version) throws CustodyException {
        RSAPrivateCrtKey key = importKey(tenant, version);
        var numbers = new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent());
        try {
            return KeyFactory.getInstance("RSA").generatePublic(numbers).getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("an RSA key without a public half", e);
        }
    }

    private RSAPrivateCrtKey importKey(TenantName tenant, int version) throws CustodyException {
        KeyName name = KeyName.importKey(tenant, version);
        if (store.entries().privateKey(name) instanceof RSAPrivateCrtKey key
                && key.getModulus().bitLength() == MODULUS_BITS
                && key.getPublicExponent().equals(BigInteger.valueOf(65537))) {
            return key;
        }
        throw new CustodyException(Reason.KEY_ATTRIBUTES, name.label() + ": not RSA-3072");
    }

    @Override
    public KekInfo createKek(TenantName tenant, int version) throws CustodyException {
        KeyName.requireVersion(version);
        keks().requireNeverMade(tenant, version);
        store.change(next -> {
            new StoredKeks(next).requireNeverMade(tenant, version);
            next.addSecret(KeyName.kek(tenant, version), Entries.AES, random);
        });
        return keks().info(tenant, version);
    }

    @Override
    public List<KekInfo> keks(TenantName tenant) throws CustodyException {
        return keks().all(tenant);
    }

    @Override
    public void retireKek(TenantName tenant, int version) throws CustodyException {
        if (keks().state(tenant, version) == KekInfo.State.ACTIVE) {
            store.change(next -> {
                if (new StoredKeks(next).state(tenant, version) == KekInfo.State.ACTIVE) {
                    next.addMark(KeyName.retirement(tenant, version));
                }
            });
        }
    }

    /** The file is replaced as a whole, so nothing in it is ever torn. */
    @Override
    public void discardTornKek(TenantName tenant, int version) {}

    @Override
    public void discardTornImportKey(TenantName tenant, int version) {}

    @Override
    public void destroyKek(TenantName tenant, int version) throws CustodyException {
        if (keks().state(tenant, version) != KekInfo.State.DESTROYED) {
            store.change(next -> destroy(next, tenant, version));
        }
    }

    private static void destroy(Entries next, TenantName tenant, int version)
            throws GeneralSecurityException, CustodyException {
        KeyName name = KeyName.kek(tenant, version);
        if (new StoredKeks(next).state(tenant, version) == KekInfo.State.ACTIVE) {
            throw new CustodyException(
                    Reason.KEK_ACTIVE, name.label() + " is not retired; nothing was destroyed");
        }
        next.remove(name);
    }

    @Override
    public WrappedKey.AtRest importWrapped(
            byte[] importCiphertext, WrapBinding binding, int importVersion, int kekVersion)
            throws CustodyException {
        TenantName tenant = binding.model().tenant();
        PrivateKey importKey = importKey(tenant, importVersion);
        SecretKey kek = keks().activeKey(tenant, kekVersion);
        byte[] wrapped = DataKeys.fromImport(importKey, importCiphertext, kek);
        return WrappedKey.AtRest.write(wrapping(binding, kekVersion, wrapped), mac);
    }

    @Override
    public List<Optional<WrappedKey.AtRest>> authenticateAll(List<byte[]> records)
            throws CustodyException {
        store.entries();
        return RecordRules.onlyOwn(WrappedKey.AtRest.readAll(records, mac), DataKeys.FORMAT);
    }

    @Override
    public List<WrappedKey.AtRest> gather(List<WrappedKey.AtRest> keys) throws CustodyException {
        return WrappedKey.AtRest.gather(keys, mac);
    }

    @Override
    public List<WrappedKey.AtRest> rewrapAll(List<WrappedKey.AtRest> keys, int toKekVersion)
            throws CustodyException {
        RecordRules.requireSameKek(keys);
        WrappedKey.AtRest first = keys.getFirst();
        SecretKey from = keks().key(first.tenant(), first.kekVersion());
        SecretKey to = keks().activeKey(first.tenant(), toKekVersion);
        List<WrappedKey.AtRest.Wrapping> rewrapped = new ArrayList<>();
        for (WrappedKey.AtRest key : keys) {
            byte[] wrapped = DataKeys.fromKek(from, key.wrapped(), to);
            rewrapped.add(wrapping(key.binding(), toKekVersion, wrapped));
        }
        return WrappedKey.AtRest.writeAll(rewrapped, mac);
    }

    private WrappedKey.AtRest.Wrapping wrapping(WrapBinding binding, int kekVersion, byte[] wrapped)
            throws CustodyException {
        KekInfo kek = keks().info(binding.model().tenant(), kekVersion);
        return new WrappedKey.AtRest.Wrapping(binding, kek, DataKeys.FORMAT, wrapped);
    }

    @Override
    public WrappedKey.ForEnclave releaseTo(WrappedKey.AtRest key, Attested<EnclaveKey> enclave)
            throws CustodyException {
        RecordRules.requireBound(key, enclave.transcript());
        byte[] kemSpki = enclave.value().kemSpki();
        RSAPublicKey recipient = RecipientKey.of(kemSpki);
        SecretKey kek = keks().key(key.tenant(), key.kekVersion());
        byte[] wrapped = DataKeys.toRecipient(kek, key.wrapped(), recipient);
        return new WrappedKey.ForEnclave(
                wrapped, WrapFormat.of(DataKeys.OAEP), Digest.sha256(kemSpki));
    }

    @Override
    public TokenSigner signer(SigningKey key, int version) throws CustodyException {
        return signer(KeyName.signing(key, version));
    }

    @Override
    public TokenSigner createSigner(SigningKey key, int version) throws CustodyException {
        KeyName.requireRotates(key, version);
        KeyName name = KeyName.signing(key, version);
        store.entries().requireAbsent(name);
        store.change(next -> KeyPairs.P_256.addTo(next, name, random));
        return signer(name);
    }

    @Override
    public void discardTornSigner(SigningKey key, int version) {}

    @Override
    public void destroySigner(SigningKey key, int version) throws CustodyException {
        KeyName.requireRotates(key, version);
        KeyName name = KeyName.signing(key, version);
        if (store.entries().has(name)) {
            store.change(next -> next.remove(name));
        }
    }

    private StoredKeks keks() throws CustodyException {
        return new StoredKeks(store.entries());
    }

    /** Gives the file back. The keys are garbage once nobody refers to this any more. */
    @Override
    public byte[] logSecret() throws CustodyException {
        return mac.logSecret();
    }

    @Override
    public void close() {
        store.close();
    }
}
