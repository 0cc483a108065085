package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.OwnerSide.ACME;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.OwnerSide;
import dev.strongroom.crypto.custody.PinSource;
import dev.strongroom.crypto.custody.WrapBinding;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.testkit.softhsm.SoftHsm;

/** An initialised SoftHSM2 token with one tenant, opened. */
final class TestToken implements AutoCloseable {
    private final SoftHsm softHsm;
    private final Pkcs11Custodian custodian;

    private TestToken(SoftHsm softHsm, Pkcs11Custodian custodian) {
        this.softHsm = softHsm;
        this.custodian = custodian;
    }

    /** Makes a token with import key and key-encryption key 1 of ACME. */
    static TestToken make() throws CustodyException {
        SoftHsm softHsm = SoftHsm.inThisProcess();
        var token = new TestToken(softHsm, Pkcs11Custodian.initialise(config(softHsm)));
        token.custodian.createImportKey(ACME, 1);
        token.custodian.createKek(ACME, 1);
        return token;
    }

    static Pkcs11Config config(SoftHsm softHsm) {
        return new Pkcs11Config(
                softHsm.module(), softHsm.label(), PinSource.file(softHsm.pinFile()));
    }

    Pkcs11Custodian custodian() {
        return custodian;
    }

    SoftHsm softHsm() {
        return softHsm;
    }

    byte[] importCiphertext(TenantName tenant, byte[] dataKey) throws Exception {
        return OwnerSide.importCiphertext(custodian, tenant, dataKey);
    }

    WrappedKey.AtRest imported(byte[] dataKey, WrapBinding binding) throws Exception {
        return custodian.importWrapped(
                importCiphertext(binding.model().tenant(), dataKey), binding, 1, 1);
    }

    /** Another session of this process, which is logged in: what any holder of the PIN has. */
    RawToken raw() throws CustodyException, Pkcs11Exception {
        Cryptoki cryptoki = Cryptoki.load(Pkcs11Module.at(softHsm.module()));
        var slot = TokenChoice.bySerial(cryptoki, softHsm.label(), softHsm.serial()).slot();
        return new RawToken(cryptoki, cryptoki.openSession(slot));
    }

    @Override
    public void close() {
        custodian.close();
    }
}
