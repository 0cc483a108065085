package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.attestation.Attested;
import dev.strongroom.attestation.EnclaveKey;
import dev.strongroom.crypto.custody.CustodianInfo;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.TokenSigner;
import dev.strongroom.crypto.custody.WrapBinding;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.format.TenantName;
import java.util.List;

/** Keeps keys in a PKCS#11 token. One open custodian per token and process. Thread-safe. */
public final class Pkcs11Custodian implements KeyCustodian {
    private Pkcs11Custodian() {}

    /**
     * Makes the vault's own keys in an empty token and opens it. Remember {@link
     * CustodianInfo#tokenSerial()}: {@link #open} asks for it.
     *
     * @throws CustodyException KEY_EXISTS if one of the keys is already there, PIN_INCORRECT,
     *     TOKEN_NOT_FOUND, TOKEN_DUPLICATE, SELF_TEST_FAILED, …
     */
    public static Pkcs11Custodian initialise(Pkcs11Config config) throws CustodyException {
        throw notConnected();
    }

    /**
     * Logs in once, runs the self-test and checks that the vault's own keys are there.
     *
     * @param tokenSerial the serial number that {@link #initialise} reported
     * @throws CustodyException TOKEN_CHANGED if the label is on another token, PIN_INCORRECT after
     *     exactly one attempt, TOKEN_NOT_FOUND, KEY_NOT_FOUND, SELF_TEST_FAILED, …
     */
    public static Pkcs11Custodian open(Pkcs11Config config, String tokenSerial)
            throws CustodyException {
        throw notConnected();
    }

    @Override
    public CustodianInfo info() {
        throw new IllegalStateException("not connected");
    }

    @Override
    public byte[] createImportKey(TenantName tenant) throws CustodyException {
        throw notConnected();
    }

    @Override
    public byte[] importKeySpki(TenantName tenant) throws CustodyException {
        throw notConnected();
    }

    @Override
    public KekInfo createKek(TenantName tenant, int version) throws CustodyException {
        throw notConnected();
    }

    @Override
    public List<KekInfo> keks(TenantName tenant) throws CustodyException {
        throw notConnected();
    }

    @Override
    public void retireKek(TenantName tenant, int version) throws CustodyException {
        throw notConnected();
    }

    @Override
    public WrappedKey.AtRest importWrapped(
            byte[] importCiphertext, WrapBinding binding, int kekVersion) throws CustodyException {
        throw notConnected();
    }

    @Override
    public WrappedKey.AtRest authenticate(byte[] record) throws CustodyException {
        throw notConnected();
    }

    @Override
    public WrappedKey.AtRest rewrap(WrappedKey.AtRest key, int toKekVersion)
            throws CustodyException {
        throw notConnected();
    }

    @Override
    public WrappedKey.ForEnclave releaseTo(WrappedKey.AtRest key, Attested<EnclaveKey> enclave)
            throws CustodyException {
        throw notConnected();
    }

    @Override
    public TokenSigner signer(SigningKey key) throws CustodyException {
        throw notConnected();
    }

    @Override
    public void close() {}

    private static CustodyException notConnected() {
        return new CustodyException(Reason.TOKEN_FAILED, "not connected");
    }
}
