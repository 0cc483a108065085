package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.WrapFormat;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a module's wraps turn out to be, compared with the JDK's: a mechanism number does not say.
 */
final class KnownAnswers {
    private static final List<Long> KEY_WRAPS =
            List.of(
                    Ck.CKM_AES_KEY_WRAP,
                    Ck.CKM_AES_KEY_WRAP_PAD,
                    Ck.CKM_AES_KEY_WRAP_KWP,
                    Ck.CKM_CLOUDHSM_AES_KEY_WRAP_NO_PAD,
                    Ck.CKM_CLOUDHSM_AES_KEY_WRAP_PKCS5_PAD,
                    Ck.CKM_CLOUDHSM_AES_KEY_WRAP_ZERO_PAD);

    private final Cryptoki cryptoki;
    private final ModuleProfile profile;
    private final SessionLeases sessions;

    KnownAnswers(Cryptoki cryptoki, ModuleProfile profile, SessionLeases sessions) {
        this.cryptoki = cryptoki;
        this.profile = profile;
        this.sessions = sessions;
    }

    /** What the mechanism makes of RFC 3394's example; empty if neither standard's answer. */
    Optional<WrapFormat> format(Mechanism keyWrap) throws CustodyException {
        try {
            byte[] wrapped =
                    sessions.use(
                            "self-test",
                            session -> {
                                var keys = new SelfTestKeys(cryptoki, profile, session);
                                try (var kek = keys.kek();
                                        var key = keys.dataKey(kek)) {
                                    return cryptoki.wrap(
                                            session, keyWrap, kek.handle(), key.handle());
                                }
                            });
            return expected().entrySet().stream()
                    .filter(answer -> Arrays.equals(answer.getValue(), wrapped))
                    .map(Map.Entry::getKey)
                    .findFirst();
        } catch (CustodyException e) {
            return SelfTest.ofModule(e, Optional.empty());
        }
    }

    /** The formats that any of the usual mechanism numbers yields. */
    Set<WrapFormat> formats() throws CustodyException {
        Set<WrapFormat> formats = new LinkedHashSet<>();
        for (long type : KEY_WRAPS) {
            format(new Mechanism.Plain(type)).ifPresent(formats::add);
        }
        return formats;
    }

    /** The hashes with which a wrap to a public key opens as RSA-OAEP. */
    Set<OaepHash> oaepHashes() throws CustodyException {
        Set<OaepHash> hashes = EnumSet.noneOf(OaepHash.class);
        KeyPair recipient = PublishedKey.pair();
        for (OaepHash hash : OaepHash.values()) {
            if (opens(hash, recipient)) {
                hashes.add(hash);
            }
        }
        return hashes;
    }

    private boolean opens(OaepHash hash, KeyPair recipient) throws CustodyException {
        try {
            byte[] wrapped =
                    sessions.use(
                            "self-test",
                            session -> wrapTo(session, hash, (RSAPublicKey) recipient.getPublic()));
            Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPPadding");
            oaep.init(Cipher.DECRYPT_MODE, recipient.getPrivate(), hash.parameters());
            return Arrays.equals(oaep.doFinal(wrapped), SelfTestKeys.KEY);
        } catch (CustodyException e) {
            return SelfTest.ofModule(e, false);
        } catch (GeneralSecurityException e) {
            return false; // another padding or another hash than it was asked for
        }
    }

    private byte[] wrapTo(long session, OaepHash hash, RSAPublicKey recipient)
            throws Pkcs11Exception, CustodyException {
        var keys = new SelfTestKeys(cryptoki, profile, session);
        try (var kek = keys.kek();
                var key = keys.dataKey(kek);
                var to = keys.object(Templates.recipient(recipient))) {
            return cryptoki.wrap(session, new Mechanism.Oaep(hash), to.handle(), key.handle());
        }
    }

    private static Map<WrapFormat, byte[]> expected() {
        Map<WrapFormat, byte[]> answers = new EnumMap<>(WrapFormat.class);
        answers.put(WrapFormat.RFC3394_KW, SelfTestKeys.WRAPPED);
        answers.put(
                WrapFormat.RFC5649_KWP,
                wrapped("AES/KWP/NoPadding", SelfTestKeys.KEK, SelfTestKeys.KEY));
        return answers;
    }

    /** What the JDK makes of it. */
    static byte[] wrapped(String transformation, byte[] kek, byte[] key) {
        try {
            Cipher wrap = Cipher.getInstance(transformation);
            wrap.init(Cipher.WRAP_MODE, new SecretKeySpec(kek, "AES"));
            return wrap.wrap(new SecretKeySpec(key, "AES"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot wrap a key", e);
        }
    }
}
