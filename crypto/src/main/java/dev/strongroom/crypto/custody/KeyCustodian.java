package dev.strongroom.crypto.custody;

import dev.strongroom.attestation.Attested;
import dev.strongroom.attestation.EnclaveKey;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.format.TenantName;
import java.util.List;
import java.util.Optional;

/**
 * Keeps every key. A data key goes from the client's import ciphertext to a record at rest, from
 * one key-encryption key to the next, and to an attested enclave. With a PKCS#11 token it is never
 * an array of this process; at level SOFTWARE it is one inside a single method. There is no
 * operation that unwraps one for a caller, and a missing key is never replaced by a new one.
 *
 * <p>In the order of a data key's life: {@link #createImportKey}, {@link #importWrapped}, {@link
 * #authenticate}, {@link #rewrapAll}, {@link #releaseTo}. The others keep key-encryption keys, the
 * vault's own keys and the token itself.
 *
 * <p>Thread-safe; calls block on the token. Every operation may fail with TOKEN_FAILED, TOKEN_DOWN
 * or TOKEN_BUSY besides the reasons it names; it then changed nothing and may be tried again.
 */
public interface KeyCustodian extends AutoCloseable {
    CustodianInfo info();

    /** What it can do, as the last call found it. Never blocks. */
    default TokenState state() {
        return new TokenState.Serving();
    }

    /**
     * Looks whether the token answers and holds the vault's own keys. A token that does not is
     * recovered as after any other call, unless an earlier attempt was too short a time ago. One
     * that does not answer in time is Busy, which {@link #state} never is.
     */
    default TokenState check() {
        return state();
    }

    /**
     * An operator's word that the cause of a Down was put right: tries once, at once, also after a
     * wrong PIN. Does nothing to a token that serves.
     */
    default TokenState recover() {
        return state();
    }

    /**
     * Makes one version of the tenant's import key pair, RSA-3072.
     *
     * @param version counted from 1
     * @return its SubjectPublicKeyInfo
     * @throws CustodyException KEY_EXISTS if the tenant has this version
     */
    byte[] createImportKey(TenantName tenant, int version) throws CustodyException;

    /**
     * SubjectPublicKeyInfo of one version of the tenant's import key.
     *
     * @throws CustodyException KEY_NOT_FOUND, KEY_DUPLICATE, KEY_ATTRIBUTES
     */
    byte[] importKeySpki(TenantName tenant, int version) throws CustodyException;

    /**
     * Makes one version of the tenant's key-encryption key, AES-256.
     *
     * @param version counted from 1
     * @throws CustodyException KEY_EXISTS if this version was ever made, even if it is retired
     */
    KekInfo createKek(TenantName tenant, int version) throws CustodyException;

    /**
     * Every version that the token knows, lowest first, destroyed and torn ones included; empty if
     * the tenant has none.
     *
     * @throws CustodyException KEY_NOT_FOUND if the token has lost the vault's own keys as well
     */
    List<KekInfo> keks(TenantName tenant) throws CustodyException;

    /**
     * From now on this version wraps nothing new. It still opens what it wrapped, and nothing here
     * destroys it. Retiring twice is the same as once. A wrap that had begun may still finish under
     * it, so look for records under this version after the call, not before.
     *
     * @throws CustodyException KEY_NOT_FOUND
     */
    void retireKek(TenantName tenant, int version) throws CustodyException;

    /**
     * Removes what an interrupted {@link #createKek} left under a version's name, so that it can be
     * called again. A key that is as it should be stays. Only for a version that nothing was ever
     * wrapped under.
     */
    void discardTornKek(TenantName tenant, int version) throws CustodyException;

    /** The same for {@link #createImportKey}. */
    void discardTornImportKey(TenantName tenant, int version) throws CustodyException;

    /**
     * Destroys a retired version, once it is found and has the attributes it was made with. What it
     * wrapped is lost for ever, so whoever calls this has looked for records, backups included. Its
     * retirement mark stays: no key of this version is ever made again. Destroying twice is the
     * same as once.
     *
     * @throws CustodyException KEK_ACTIVE if it was never retired, KEY_NOT_FOUND if it was never
     *     there, KEY_ATTRIBUTES, KEY_DUPLICATE
     */
    void destroyKek(TenantName tenant, int version) throws CustodyException;

    /**
     * Moves a data key from the client's RSA-OAEP ciphertext under the tenant's key-encryption key.
     *
     * @param importCiphertext wrapped to an import key of the binding's tenant
     * @param importVersion which import key
     * @throws CustodyException IMPORT_REFUSED for any fault of the ciphertext, KEK_RETIRED,
     *     KEY_NOT_FOUND
     */
    WrappedKey.AtRest importWrapped(
            byte[] importCiphertext, WrapBinding binding, int importVersion, int kekVersion)
            throws CustodyException;

    /**
     * Reads stored records and has the token check that it wrote them. Records that were written
     * together are checked together, for the price of one.
     *
     * @return each in its record's place; empty where the token did not write it
     */
    List<Optional<WrappedKey.AtRest>> authenticateAll(List<byte[]> records) throws CustodyException;

    /**
     * {@link #authenticateAll} for one record.
     *
     * @throws CustodyException RECORD_NOT_AUTHENTIC
     */
    default WrappedKey.AtRest authenticate(byte[] record) throws CustodyException {
        return authenticateAll(List.of(record))
                .getFirst()
                .orElseThrow(() ->
                        new CustodyException(
                                Reason.RECORD_NOT_AUTHENTIC,
                                "wrapped key record: not one that this token wrote, or changed"
                                        + " since"));
    }

    /**
     * Proves keys together, so that to authenticate their new records costs as much as one. What
     * the records say and wrap is the same, and the given ones stay valid.
     *
     * @param keys 1 to {@link WrappedKey.AtRest#MOST_TOGETHER}
     * @return the new records, in the order of the keys
     */
    List<WrappedKey.AtRest> gather(List<WrappedKey.AtRest> keys) throws CustodyException;

    /**
     * Moves data keys under another version of their tenant's key-encryption key, and authenticates
     * the new records together. The given records stay valid until their version is destroyed.
     *
     * @param keys 1 to {@link WrappedKey.AtRest#MOST_TOGETHER}, of one tenant and under one version
     * @return the new records, in the order of the keys
     * @throws CustodyException KEK_RETIRED, KEY_NOT_FOUND; nothing was moved
     */
    List<WrappedKey.AtRest> rewrapAll(List<WrappedKey.AtRest> keys, int toKekVersion)
            throws CustodyException;

    /** {@link #rewrapAll} for one key. */
    default WrappedKey.AtRest rewrap(WrappedKey.AtRest key, int toKekVersion)
            throws CustodyException {
        return rewrapAll(List.of(key), toKekVersion).getFirst();
    }

    /**
     * Refuses a recipient to whom {@link #releaseTo} would wrap nothing, so that no release to it
     * is recorded. A custodian that serves any attested node refuses none here.
     *
     * @throws CustodyException RECIPIENT_NOT_REGISTERED, RELEASE_KEY_REFUSED, KEY_ATTRIBUTES
     */
    default void requireRecipient(byte[] kemSpki) throws CustodyException {}

    /**
     * Wraps a data key to the KEM key that verified evidence speaks for. Refuses evidence that does
     * not name this record's tenant, owner and manifest.
     *
     * @throws CustodyException RELEASE_NOT_BOUND, RELEASE_KEY_REFUSED, KEY_NOT_FOUND
     */
    WrappedKey.ForEnclave releaseTo(WrappedKey.AtRest key, Attested<EnclaveKey> enclave)
            throws CustodyException;

    /**
     * One version of one of the vault's own keys.
     *
     * @throws CustodyException KEY_NOT_FOUND
     */
    TokenSigner signer(SigningKey key, int version) throws CustodyException;

    /**
     * Makes the next version of one of the vault's own keys.
     *
     * @param key not the ceremony key, whose fingerprint everybody pins
     * @throws CustodyException KEY_EXISTS
     */
    TokenSigner createSigner(SigningKey key, int version) throws CustodyException;

    /**
     * Removes what an interrupted {@link #createSigner} left, so that it can be called again. A key
     * that is as it should be stays. Only for a version that nothing was ever signed with.
     */
    void discardTornSigner(SigningKey key, int version) throws CustodyException;

    /**
     * Destroys a version that signs nothing any more. What it signed stays valid. Destroying twice
     * is the same as once.
     *
     * @param key not the ceremony key
     */
    void destroySigner(SigningKey key, int version) throws CustodyException;

    /**
     * A secret of this token's, always the same, that nobody has without it: what the vault's
     * database holds of the log beyond its last signature is authenticated with it.
     *
     * @return 32 bytes
     */
    byte[] logSecret() throws CustodyException;

    /** Logs out and gives every session back. */
    @Override
    void close();
}
