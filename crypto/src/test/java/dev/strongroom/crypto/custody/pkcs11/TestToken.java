package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.PinSource;
import dev.strongroom.crypto.custody.WrapBinding;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.testkit.softhsm.SoftHsm;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.spec.X509EncodedKeySpec;
import javax.crypto.Cipher;

/** An initialised token with one tenant, opened; and the client's side of an import. */
final class TestToken implements AutoCloseable {
    static final SecureRandom RANDOM = new SecureRandom();
    static final TenantName ACME = new TenantName("acme");
    static final Digest OWNER = Digest.sha256(new byte[] {1});

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
        token.custodian.createImportKey(ACME);
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

    static byte[] newDataKey() {
        byte[] key = new byte[32];
        RANDOM.nextBytes(key);
        return key;
    }

    static WrapBinding newBinding(TenantName tenant) {
        return new WrapBinding(
                new ModelName(tenant, "minilm"),
                VersionId.random(RANDOM),
                OWNER,
                Digest.sha256(newDataKey()));
    }

    /** What a client sends: RSA-OAEP with SHA-1. */
    byte[] importCiphertext(TenantName tenant, byte[] dataKey) throws Exception {
        return oaep(custodian.importKeySpki(tenant), dataKey);
    }

    static byte[] oaep(byte[] spki, byte[] plaintext) throws GeneralSecurityException {
        Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding");
        var key = KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(spki));
        oaep.init(Cipher.ENCRYPT_MODE, key);
        return oaep.doFinal(plaintext);
    }

    WrappedKey.AtRest imported(byte[] dataKey, WrapBinding binding) throws Exception {
        return custodian.importWrapped(
                importCiphertext(binding.model().tenant(), dataKey), binding, 1);
    }

    /** Another session of this process, which is logged in: what any holder of the PIN has. */
    RawToken raw() throws CustodyException, Pkcs11Exception {
        Cryptoki cryptoki = Cryptoki.load(softHsm.module());
        var slot = TokenChoice.bySerial(cryptoki, softHsm.label(), softHsm.serial()).slot();
        return new RawToken(cryptoki, cryptoki.openSession(slot));
    }

    @Override
    public void close() {
        custodian.close();
    }
}
