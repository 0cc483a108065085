package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.OwnerSide.ACME;
import static dev.strongroom.crypto.custody.OwnerSide.newBinding;
import static dev.strongroom.crypto.custody.OwnerSide.newDataKey;
import static dev.strongroom.crypto.custody.pkcs11.TokenRefusals.assertTokenRefuses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.custody.rules.KeyName;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.interfaces.RSAPublicKey;
import java.util.List;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Attacks by a process that has the PIN, on real SoftHSM2 at level SOFT_TOKEN. The second half
 * succeeds: it states what this level does not give.
 */
@Tag("keys")
class PinHolderAttackTest {
    private static final long ACTION_PROHIBITED = 0x1b;
    private static final Mechanism CBC_WRAP = new Mechanism.Plain(0x1082);
    private static final Mechanism ECB = new Mechanism.Plain(Ck.CKM_AES_ECB);
    private static final Mechanism HMAC = new Mechanism.Plain(Ck.CKM_SHA256_HMAC);
    private static final Mechanism RSA_PKCS = new Mechanism.Plain(1);

    private static TestToken token;
    private static byte[] dataKey;
    private static WrappedKey.AtRest stored;

    private RawToken raw;
    private long kek;
    private long importKey;

    @BeforeAll
    static void open() throws Exception {
        token = TestToken.make();
        dataKey = newDataKey();
        stored = token.imported(dataKey, newBinding(ACME));
    }

    @AfterAll
    static void close() {
        token.close();
    }

    @BeforeEach
    void connect() throws Exception {
        raw = token.raw();
        kek = raw.object(Ck.CKO_SECRET_KEY, KeyName.kek(ACME, 1));
        importKey = raw.object(Ck.CKO_PRIVATE_KEY, KeyName.importKey(ACME, 1));
    }

    @AfterEach
    void disconnect() throws Exception {
        raw.close();
    }

    @Test
    void noKeyThatStaysCanBeRead() throws Exception {
        long mac = raw.object(Ck.CKO_SECRET_KEY, KeyName.recordMac());
        assertTokenRefuses(CkResult.ATTRIBUTE_SENSITIVE, () -> raw.read(kek, Ck.CKA_VALUE));
        assertTokenRefuses(CkResult.ATTRIBUTE_SENSITIVE, () -> raw.read(mac, Ck.CKA_VALUE));
        assertTokenRefuses(CkResult.ATTRIBUTE_SENSITIVE, () -> raw.read(importKey, 0x123));
        for (SigningKey key : SigningKey.values()) {
            long signing = raw.object(Ck.CKO_PRIVATE_KEY, KeyName.signing(key));
            assertTokenRefuses(CkResult.ATTRIBUTE_SENSITIVE, () -> raw.read(signing, Ck.CKA_VALUE));
        }
    }

    @Test
    void noKeyThatStaysCanBeWrapped() throws Exception {
        long mac = raw.object(Ck.CKO_SECRET_KEY, KeyName.recordMac());
        long ca = raw.object(Ck.CKO_PRIVATE_KEY, KeyName.signing(SigningKey.CA));
        for (long key : new long[] {kek, mac, importKey, ca}) {
            assertTokenRefuses(
                    CkResult.KEY_UNEXTRACTABLE, () -> raw.wrap(RawToken.KEY_WRAP, kek, key));
        }
    }

    @Test
    void theKekNeitherDecryptsNorEncryptsNorSigns() {
        long refused = CkResult.KEY_FUNCTION_NOT_PERMITTED;
        assertTokenRefuses(refused, () -> raw.decryptInit(ECB, kek));
        assertTokenRefuses(refused, () -> raw.encryptInit(ECB, kek));
        assertTokenRefuses(refused, () -> raw.signInit(HMAC, kek));
    }

    @Test
    void theImportKeyNeitherDecryptsNorSigns() {
        long refused = CkResult.KEY_FUNCTION_NOT_PERMITTED;
        assertTokenRefuses(refused, () -> raw.decryptInit(RSA_PKCS, importKey));
        assertTokenRefuses(refused, () -> raw.signInit(RSA_PKCS, importKey));
    }

    @Test
    void aDataKeyIsUnwrappedLockedOrNotAtAll() throws Exception {
        for (Template weak : weakTemplates()) {
            assertTokenRefuses(
                    CkResult.TEMPLATE_INCONSISTENT, () -> raw.unwrap(kek, stored.wrapped(), weak));
        }
        byte[] ciphertext = token.importCiphertext(ACME, newDataKey());
        var oaep = new Mechanism.Oaep(token.custodian().info().oaepHash());
        for (Template weak : weakTemplates()) {
            assertTokenRefuses(
                    CkResult.TEMPLATE_INCONSISTENT,
                    () -> raw.cryptoki().unwrap(raw.session(), oaep, importKey, ciphertext, weak));
        }
    }

    private static List<Template> weakTemplates() {
        return List.of(
                Templates.dataKey().no(Ck.CKA_SENSITIVE),
                Templates.dataKey().without(Ck.CKA_SENSITIVE),
                Templates.dataKey().no(Ck.CKA_PRIVATE),
                Templates.dataKey().yes(Ck.CKA_TOKEN),
                Templates.dataKey().yes(Ck.CKA_ENCRYPT),
                Templates.dataKey().yes(Ck.CKA_DECRYPT),
                Templates.dataKey().yes(Ck.CKA_WRAP),
                Templates.dataKey().yes(Ck.CKA_UNWRAP),
                Templates.dataKey().yes(Ck.CKA_SIGN),
                Templates.dataKey().yes(Ck.CKA_DERIVE),
                Templates.dataKey().yes(Ck.CKA_MODIFIABLE),
                Templates.dataKey().number(Ck.CKA_KEY_TYPE, Ck.CKK_GENERIC_SECRET));
    }

    @Test
    void anUnwrappedDataKeyCannotBeReadUsedOrLoosened() throws Exception {
        long key = raw.unwrap(kek, stored.wrapped(), Templates.dataKey());
        assertTokenRefuses(CkResult.ATTRIBUTE_SENSITIVE, () -> raw.read(key, Ck.CKA_VALUE));
        assertTokenRefuses(CkResult.KEY_FUNCTION_NOT_PERMITTED, () -> raw.encryptInit(ECB, key));
        assertTokenRefuses(
                ACTION_PROHIBITED, () -> raw.set(key, new Template().yes(Ck.CKA_ENCRYPT)));
    }

    @Test
    void noAttributeOfTheKekCanBeChangedNorTheKekCopied() {
        for (long attribute : new long[] {Ck.CKA_DECRYPT, Ck.CKA_EXTRACTABLE, Ck.CKA_MODIFIABLE}) {
            assertTokenRefuses(
                    ACTION_PROHIBITED, () -> raw.set(kek, new Template().yes(attribute)));
        }
        assertTokenRefuses(
                ACTION_PROHIBITED, () -> raw.copy(kek, new Template().yes(Ck.CKA_DECRYPT)));
    }

    @Test
    void wrapThenDecryptFindsNoDecryptingKey() throws Exception {
        long key = raw.unwrap(kek, stored.wrapped(), Templates.dataKey());
        assertTokenRefuses(0x7, () -> raw.wrap(CBC_WRAP, kek, key));
        assertTokenRefuses(
                CkResult.KEY_FUNCTION_NOT_PERMITTED, () -> raw.decryptInit(CBC_WRAP, kek));
    }

    /** Nothing is derived from a data key: it opens one envelope and a digest of it opens none. */
    @Test
    void digestingADataKeyIsUseless() throws Exception {
        long key = raw.unwrap(kek, stored.wrapped(), Templates.dataKey());
        byte[] digest = raw.digestKey(key);
        assertThat(digest).isEqualTo(MessageDigest.getInstance("SHA-256").digest(dataKey));

        byte[] nonce = new byte[12];
        byte[] envelope = gcm(Cipher.ENCRYPT_MODE, dataKey, nonce).doFinal(newDataKey());
        assertThatThrownBy(() -> gcm(Cipher.DECRYPT_MODE, digest, nonce).doFinal(envelope))
                .isInstanceOf(AEADBadTagException.class);
    }

    @Test
    void succeedsWrappingToAKeyOfItsOwn() throws Exception {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        var rogue = generator.generateKeyPair();
        long recipient = raw.create(Templates.recipient((RSAPublicKey) rogue.getPublic()));
        long key = raw.unwrap(kek, stored.wrapped(), Templates.dataKey());
        var oaep = new Mechanism.Oaep(token.custodian().info().oaepHash());

        Cipher open = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding");
        open.init(Cipher.DECRYPT_MODE, rogue.getPrivate());

        assertThat(open.doFinal(raw.wrap(oaep, recipient, key))).isEqualTo(dataKey);
    }

    @Test
    void succeedsWrappingUnderAKeyOfKnownValue() throws Exception {
        byte[] known = newDataKey();
        long knownKek =
                raw.create(Templates.kekAttributes().no(Ck.CKA_TOKEN).bytes(Ck.CKA_VALUE, known));
        long key = raw.unwrap(kek, stored.wrapped(), Templates.dataKey());

        Cipher unwrap = Cipher.getInstance("AES/KW/NoPadding");
        unwrap.init(Cipher.UNWRAP_MODE, new SecretKeySpec(known, "AES"));
        byte[] wrapped = raw.wrap(RawToken.KEY_WRAP, knownKek, key);

        assertThat(unwrap.unwrap(wrapped, "AES", Cipher.SECRET_KEY).getEncoded())
                .isEqualTo(dataKey);
    }

    @Test
    void succeedsDestroyingAKek() throws Exception {
        token.custodian().createKek(ACME, 77);
        raw.destroy(raw.object(Ck.CKO_SECRET_KEY, KeyName.kek(ACME, 77)));

        assertThat(token.custodian().keks(ACME)).noneMatch(info -> info.version() == 77);
    }

    private static Cipher gcm(int mode, byte[] key, byte[] nonce) throws Exception {
        Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
        gcm.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
        return gcm;
    }
}
