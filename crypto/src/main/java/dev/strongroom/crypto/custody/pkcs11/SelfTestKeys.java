package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import java.util.HexFormat;

/**
 * Session objects with published values for one step of the self-test. That one cannot be made is a
 * failed preparation, which must not pass for a refusal, so it is another kind of exception.
 */
final class SelfTestKeys {
    // RFC 3394, section 4.6
    static final byte[] KEK =
            HexFormat.of()
                    .parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    static final byte[] KEY =
            HexFormat.of()
                    .parseHex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
    static final byte[] WRAPPED =
            HexFormat.of()
                    .parseHex(
                            "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326"
                                    + "cbc7f0e71a99f43bfb988b9b7a02dd21");

    private final Cryptoki cryptoki;
    private final ModuleProfile profile;
    private final long session;

    SelfTestKeys(Cryptoki cryptoki, ModuleProfile profile, long session) {
        this.cryptoki = cryptoki;
        this.profile = profile;
        this.session = session;
    }

    long session() {
        return session;
    }

    /** A key-encryption key as we make them, but for its place. */
    TransientObject kek() throws CustodyException {
        return kek(KEK);
    }

    TransientObject kek(byte[] value) throws CustodyException {
        return object(kekTemplate().bytes(Ck.CKA_VALUE, value));
    }

    static Template kekTemplate() {
        return Templates.kekAttributes().no(Ck.CKA_TOKEN);
    }

    /** A data key as we unwrap them. */
    TransientObject dataKey(TransientObject kek) throws CustodyException {
        return dataKey(kek, Templates.dataKey());
    }

    TransientObject dataKey(TransientObject kek, Template template) throws CustodyException {
        try {
            return transientObject(unwrap(kek, template));
        } catch (Pkcs11Exception e) {
            throw unprepared(e);
        }
    }

    /** The unwrapping itself, when it is what is in question. */
    long unwrap(TransientObject kek, Template template) throws Pkcs11Exception {
        return cryptoki.unwrap(
                session, profile.keyWrap(), kek.handle(), WRAPPED, profile.dialect().key(template));
    }

    TransientObject object(Template template) throws CustodyException {
        return transientObject(handle(template));
    }

    /** An object that nothing destroys but the end of its session. */
    long handle(Template template) throws CustodyException {
        try {
            return cryptoki.createObject(session, profile.dialect().key(template));
        } catch (Pkcs11Exception e) {
            throw unprepared(e);
        }
    }

    private TransientObject transientObject(long handle) {
        return new TransientObject(cryptoki, session, handle);
    }

    private static CustodyException unprepared(Pkcs11Exception e) {
        return new CustodyException(
                Reason.SELF_TEST_FAILED, "the module did not make a key for the test", e);
    }
}
