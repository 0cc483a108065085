package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.OwnerSide.ACME;
import static dev.strongroom.crypto.custody.OwnerSide.importCiphertext;
import static dev.strongroom.crypto.custody.OwnerSide.newBinding;
import static dev.strongroom.crypto.custody.OwnerSide.newDataKey;
import static dev.strongroom.crypto.custody.Refusals.assertRefused;
import static dev.strongroom.crypto.custody.pkcs11.TokenRefusals.assertTokenRefuses;
import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.KeyOrigin;
import dev.strongroom.crypto.custody.TestEnclave;
import dev.strongroom.crypto.custody.WrapBinding;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.custody.rules.KeyName;
import dev.strongroom.crypto.custody.rules.RecipientKey;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.InvalidKeyException;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Attacks by a process that has the user's PIN on keys made at a ceremony, on real SoftHSM2. Those
 * that succeed are last: what this level does not give, and what a software token gives away.
 */
@Tag("keys")
class CeremonyAttackTest {
    private static final long ACTION_PROHIBITED = 0x1b;
    private static final long ATTRIBUTE_READ_ONLY = 0x10;
    private static final long KEY_NOT_WRAPPABLE = 0x69;
    private static final Mechanism ECB = new Mechanism.Plain(Ck.CKM_AES_ECB);
    private static final KeyTemplates TEMPLATES = new KeyTemplates(KeyOrigin.CEREMONY);

    private static TestEnclave registered;
    private static CeremonyToken token;
    private static WrapBinding binding;
    private static byte[] dataKey;
    private static WrappedKey.AtRest stored;

    private RawToken raw;
    private long kek;
    private long importKey;
    private long recipient;

    @BeforeAll
    static void hold() throws Exception {
        registered = new TestEnclave(3072);
        token = CeremonyToken.make(1, 1, registered.spki());
        binding = newBinding(ACME);
        dataKey = newDataKey();
        stored =
                token.custodian()
                        .importWrapped(
                                importCiphertext(token.custodian(), ACME, dataKey), binding, 1, 1);
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
        recipient =
                raw.object(Ck.CKO_PUBLIC_KEY, KeyName.recipient(Digest.sha256(registered.spki())));
    }

    @AfterEach
    void disconnect() throws Exception {
        raw.close();
    }

    @Test
    void theKekNeitherDecryptsNorCanBeReadOrWrapped() {
        assertTokenRefuses(CkResult.KEY_FUNCTION_NOT_PERMITTED, () -> raw.decryptInit(ECB, kek));
        assertTokenRefuses(CkResult.ATTRIBUTE_SENSITIVE, () -> raw.read(kek, Ck.CKA_VALUE));
        assertTokenRefuses(CkResult.KEY_UNEXTRACTABLE, () -> raw.wrap(RawToken.KEY_WRAP, kek, kek));
    }

    @Test
    void aDataKeyIsUnwrappedBoundAndLockedOrNotAtAll() throws Exception {
        byte[] ciphertext = importCiphertext(token.custodian(), ACME, newDataKey());
        var oaep = new Mechanism.Oaep(token.custodian().info().oaepHash());
        for (Template weak : weakTemplates()) {
            assertTokenRefuses(
                    CkResult.TEMPLATE_INCONSISTENT, () -> raw.unwrap(kek, stored.wrapped(), weak));
            assertTokenRefuses(
                    CkResult.TEMPLATE_INCONSISTENT,
                    () -> raw.cryptoki().unwrap(raw.session(), oaep, importKey, ciphertext, weak));
        }
    }

    private static List<Template> weakTemplates() {
        List<Template> weak = new ArrayList<>();
        weak.add(TEMPLATES.dataKey().no(Ck.CKA_WRAP_WITH_TRUSTED));
        weak.add(TEMPLATES.dataKey().without(Ck.CKA_WRAP_WITH_TRUSTED));
        weak.add(TEMPLATES.dataKey().no(Ck.CKA_SENSITIVE));
        for (long usage :
                new long[] {
                    Ck.CKA_TOKEN,
                    Ck.CKA_ENCRYPT,
                    Ck.CKA_DECRYPT,
                    Ck.CKA_WRAP,
                    Ck.CKA_UNWRAP,
                    Ck.CKA_SIGN,
                    Ck.CKA_DERIVE,
                    Ck.CKA_MODIFIABLE,
                    Ck.CKA_COPYABLE
                }) {
            weak.add(TEMPLATES.dataKey().yes(usage));
        }
        return weak;
    }

    @Test
    void aDataKeyIsWrappedToNoPublicKeyOfTheAttackers() throws Exception {
        long key = unwrapped();
        long rogue = raw.create(Templates.recipient(rogue()));
        var oaep = new Mechanism.Oaep(token.custodian().info().oaepHash());

        assertTokenRefuses(KEY_NOT_WRAPPABLE, () -> raw.wrap(oaep, rogue, key));
        assertTokenRefuses(
                ATTRIBUTE_READ_ONLY,
                () -> raw.create(Templates.recipient(rogue()).yes(Ck.CKA_TRUSTED)));
        assertTokenRefuses(
                ACTION_PROHIBITED, () -> raw.set(recipient, new Template().no(Ck.CKA_WRAP)));
    }

    @Test
    void aDataKeyIsWrappedUnderNoKeyOfKnownValue() throws Exception {
        long key = unwrapped();
        long known =
                raw.create(
                        Templates.kekAttributes()
                                .no(Ck.CKA_TOKEN)
                                .bytes(Ck.CKA_VALUE, newDataKey()));

        assertTokenRefuses(KEY_NOT_WRAPPABLE, () -> raw.wrap(RawToken.KEY_WRAP, known, key));
    }

    @Test
    void noDataKeyIsLoosenedOrCopiedFromItsBond() throws Exception {
        long key = unwrapped();
        var loose = new Template().no(Ck.CKA_WRAP_WITH_TRUSTED);

        assertTokenRefuses(ACTION_PROHIBITED, () -> raw.set(key, loose));
        assertTokenRefuses(ACTION_PROHIBITED, () -> raw.copy(key, loose));
    }

    @Test
    void noKeyOfTheCeremonyIsChangedCopiedOrDestroyed() {
        for (long key : new long[] {kek, importKey, recipient}) {
            var decrypt = new Template().yes(Ck.CKA_DECRYPT);
            assertTokenRefuses(ACTION_PROHIBITED, () -> raw.set(key, decrypt));
            assertTokenRefuses(ACTION_PROHIBITED, () -> raw.copy(key, decrypt));
            assertTokenRefuses(ACTION_PROHIBITED, () -> raw.destroy(key));
        }
    }

    @Test
    void aRecipientPlantedWithoutTrustIsNotOne() throws Exception {
        var planted = new TestEnclave(3072);
        var name = KeyName.recipient(Digest.sha256(planted.spki()));
        raw.create(
                Templates.recipient(RecipientKey.of(planted.spki()))
                        .yes(Ck.CKA_TOKEN)
                        .bytes(Ck.CKA_ID, name.id().bytes())
                        .text(Ck.CKA_LABEL, name.label()));
        var attested = planted.attested(binding);

        assertRefused(Reason.KEY_ATTRIBUTES, () -> token.custodian().releaseTo(stored, attested));
    }

    @Test
    void aKekPlantedWithoutTrustIsNotOne() throws Exception {
        raw.cryptoki()
                .generateKey(
                        raw.session(),
                        new Mechanism.Plain(Ck.CKM_AES_KEY_GEN),
                        Templates.kek(KeyName.kek(ACME, 9)).number(Ck.CKA_VALUE_LEN, 32));

        assertRefused(Reason.KEY_ATTRIBUTES, () -> token.custodian().createKek(ACME, 9));
    }

    /** SENSITIVE does not prevent it, and nothing derives from a data key. */
    @Test
    void succeedsDigestingADataKeyWhichIsUseless() throws Exception {
        byte[] digest = raw.digestKey(unwrapped());

        assertThat(digest).isEqualTo(MessageDigest.getInstance("SHA-256").digest(dataKey));
    }

    /**
     * Why a ceremony on SoftHSM2 is a rehearsal: what an officer makes there is stored in clear.
     */
    @Test
    void succeedsReadingTheTokensFolder() throws Exception {
        List<byte[]> opened = new ArrayList<>();
        for (byte[] value : valuesInClear(token.softHsm().folder())) {
            try {
                Cipher unwrap = Cipher.getInstance("AES/KW/NoPadding");
                unwrap.init(Cipher.UNWRAP_MODE, new SecretKeySpec(value, "AES"));
                opened.add(unwrap.unwrap(stored.wrapped(), "AES", Cipher.SECRET_KEY).getEncoded());
            } catch (InvalidKeyException notThisOne) {
                // another object's value
            }
        }
        assertThat(opened).contains(dataKey);
    }

    @Test
    void theFolderOfATokenWhoseKeysTheVaultMadeHoldsNoneInClear() throws Exception {
        try (TestToken other = TestToken.make()) {
            assertThat(valuesInClear(other.softHsm().folder())).isEmpty();
        }
    }

    /** 32-byte values of CKA_VALUE as SoftHSM2 writes an attribute: type, kind, length, bytes. */
    private static List<byte[]> valuesInClear(Path folder) throws Exception {
        byte[] head = ByteBuffer.allocate(24).putLong(Ck.CKA_VALUE).putLong(3).putLong(32).array();
        List<byte[]> values = new ArrayList<>();
        try (var files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".object")).toList()) {
                byte[] bytes = Files.readAllBytes(file);
                for (int i = 0; i + head.length + 32 <= bytes.length; i++) {
                    if (Arrays.equals(bytes, i, i + head.length, head, 0, head.length)) {
                        values.add(Arrays.copyOfRange(bytes, i + 24, i + 56));
                    }
                }
            }
        }
        return values;
    }

    private long unwrapped() throws Pkcs11Exception {
        return raw.unwrap(kek, stored.wrapped(), TEMPLATES.dataKey());
    }

    private static RSAPublicKey rogue() throws Exception {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return (RSAPublicKey) generator.generateKeyPair().getPublic();
    }
}
