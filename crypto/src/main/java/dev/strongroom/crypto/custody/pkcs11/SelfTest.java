package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;

/**
 * Asks a module, before it is used, to prove what its profile claims: known answers of both wraps,
 * and refusals. Works on session objects with published values; the token keeps nothing of it.
 */
final class SelfTest {
    // RFC 3394, section 4.6
    private static final byte[] KEK =
            HexFormat.of()
                    .parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    private static final byte[] KEY =
            HexFormat.of()
                    .parseHex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
    private static final byte[] WRAPPED =
            HexFormat.of()
                    .parseHex(
                            "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326"
                                    + "cbc7f0e71a99f43bfb988b9b7a02dd21");
    private static final int RECIPIENT_BITS = 2048; // the hash is in question, not the strength

    private final Cryptoki cryptoki;
    private final ModuleProfile profile;
    private final SessionLeases sessions;

    SelfTest(Cryptoki cryptoki, ModuleProfile profile, SessionLeases sessions) {
        this.cryptoki = cryptoki;
        this.profile = profile;
        this.sessions = sessions;
    }

    /**
     * @throws CustodyException SELF_TEST_FAILED, naming the claim that does not hold
     */
    void run() throws CustodyException {
        check("wraps like RFC 3394", this::wrapsLikeTheStandard);
        check("values are unreadable", this::valueIsUnreadable);
        check("what is not extractable is not wrapped", this::nonExtractableIsRefused);
        check("weak unwrapping is refused", this::weakUnwrapIsRefused);
        check("wrap then decrypt is refused", this::decryptIsRefused);
        check("wraps to a public key", this::wrapsToPublicKey);
    }

    /** Each in its own session: a refused call leaves some modules' sessions unusable. */
    private void check(String claim, SessionLeases.SessionTask task) throws CustodyException {
        try {
            sessions.run("self-test", task);
        } catch (CustodyException e) {
            throw e.reason() == Reason.TOKEN_FAILED ? failed(claim, e) : e;
        }
    }

    private void wrapsLikeTheStandard(long session) throws Pkcs11Exception, CustodyException {
        try (var kek = kek(session);
                var key = unwrapped(session, kek)) {
            byte[] wrapped = cryptoki.wrap(session, profile.keyWrap(), kek.handle(), key.handle());
            require("key wrap gives the answer of RFC 3394", Arrays.equals(wrapped, WRAPPED));
        }
    }

    private void valueIsUnreadable(long session) throws Pkcs11Exception, CustodyException {
        try (var kek = kek(session);
                var key = unwrapped(session, kek)) {
            requireRefused(
                    "an unwrapped key keeps SENSITIVE",
                    () -> cryptoki.attribute(session, key.handle(), Ck.CKA_VALUE));
            requireRefused(
                    "a key-encryption key cannot be read",
                    () -> cryptoki.attribute(session, kek.handle(), Ck.CKA_VALUE));
        }
    }

    private void nonExtractableIsRefused(long session) throws Pkcs11Exception, CustodyException {
        try (var kek = kek(session);
                var other = kek(session)) {
            requireRefused(
                    "a non-extractable key cannot be wrapped",
                    () -> cryptoki.wrap(session, profile.keyWrap(), kek.handle(), other.handle()));
        }
    }

    private void weakUnwrapIsRefused(long session) throws Pkcs11Exception, CustodyException {
        try (var kek = kek(session)) {
            requireUnwrapRefused(session, kek, Templates.dataKey().no(Ck.CKA_SENSITIVE));
            requireUnwrapRefused(session, kek, Templates.dataKey().yes(Ck.CKA_DECRYPT));
            requireUnwrapRefused(session, kek, Templates.dataKey().yes(Ck.CKA_MODIFIABLE));
        }
    }

    private void requireUnwrapRefused(long session, TransientObject kek, Template weak)
            throws CustodyException {
        requireRefused(
                "the unwrap template is enforced",
                () -> cryptoki.unwrap(session, profile.keyWrap(), kek.handle(), WRAPPED, weak));
    }

    private void decryptIsRefused(long session) throws Pkcs11Exception, CustodyException {
        try (var kek = kek(session)) {
            requireRefused(
                    "a key-encryption key does not decrypt",
                    () ->
                            cryptoki.decryptInit(
                                    session, new Mechanism.Plain(Ck.CKM_AES_ECB), kek.handle()));
        }
    }

    private void wrapsToPublicKey(long session) throws Pkcs11Exception, CustodyException {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(RECIPIENT_BITS);
            var pair = generator.generateKeyPair();
            byte[] wrapped = wrapTo(session, (RSAPublicKey) pair.getPublic());
            Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPPadding");
            oaep.init(Cipher.DECRYPT_MODE, pair.getPrivate(), profile.oaep().parameters());
            require("OAEP uses the profile's hash", Arrays.equals(oaep.doFinal(wrapped), KEY));
        } catch (GeneralSecurityException e) {
            throw failed("OAEP uses the profile's hash", e);
        }
    }

    private byte[] wrapTo(long session, RSAPublicKey recipient)
            throws Pkcs11Exception, CustodyException {
        try (var kek = kek(session);
                var key = unwrapped(session, kek);
                var to = transientObject(session, Templates.recipient(recipient))) {
            return cryptoki.wrap(session, profile.oaepMechanism(), to.handle(), key.handle());
        }
    }

    private TransientObject kek(long session) throws Pkcs11Exception {
        return transientObject(
                session, Templates.kekAttributes().no(Ck.CKA_TOKEN).bytes(Ck.CKA_VALUE, KEK));
    }

    private TransientObject transientObject(long session, Template template)
            throws Pkcs11Exception {
        return new TransientObject(cryptoki, session, cryptoki.createObject(session, template));
    }

    private TransientObject unwrapped(long session, TransientObject kek) throws Pkcs11Exception {
        return new TransientObject(
                cryptoki,
                session,
                cryptoki.unwrap(
                        session, profile.keyWrap(), kek.handle(), WRAPPED, Templates.dataKey()));
    }

    @FunctionalInterface
    private interface Attempt {
        void run() throws Pkcs11Exception;
    }

    private static void requireRefused(String claim, Attempt forbidden) throws CustodyException {
        try {
            forbidden.run();
        } catch (Pkcs11Exception refused) {
            return;
        }
        throw failed(claim, null);
    }

    private static void require(String claim, boolean holds) throws CustodyException {
        if (!holds) {
            throw failed(claim, null);
        }
    }

    private static CustodyException failed(String claim, @Nullable Throwable cause) {
        return new CustodyException(
                Reason.SELF_TEST_FAILED,
                "the module does not hold this claim of its profile, so it is not used: " + claim,
                cause);
    }
}
