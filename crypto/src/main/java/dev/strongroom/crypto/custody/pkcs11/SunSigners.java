package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.rules.KeyName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.AuthProvider;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Security;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import javax.security.auth.login.LoginException;

/**
 * The token's signing keys through SunPKCS11, on the login that our own binding made: the login
 * state belongs to the process, so the PIN is not given a second time. Thread-safe.
 */
final class SunSigners {
    private static final String ALGORITHM = "SHA256withECDSA";

    private final AuthProvider provider;
    private final Map<SigningKey, Pair> pairs = new EnumMap<>(SigningKey.class);

    private record Pair(PrivateKey privateKey, ECPublicKey publicKey) {}

    /** Loads what the token has now. */
    SunSigners(Path module, long slot) throws CustodyException {
        provider = provider(module, slot);
        try {
            var keys = KeyStore.getInstance("PKCS11", provider);
            keys.load(null, null);
            for (SigningKey key : SigningKey.values()) {
                pairs.put(key, load(keys, KeyName.signing(key).label()));
            }
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            close();
            throw failed("load the signing keys", e);
        } catch (CustodyException e) {
            close();
            throw e;
        }
    }

    private static AuthProvider provider(Path module, long slot) throws CustodyException {
        Provider base = Security.getProvider("SunPKCS11");
        if (base == null) {
            throw new CustodyException(
                    Reason.MODULE_NOT_USABLE,
                    "this Java has no SunPKCS11; run with module jdk.crypto.cryptoki");
        }
        // "--" marks configuration in the text itself: no file is written.
        String configuration =
                """
                --name = Strongroom
                library = %s
                slot = %d
                enabledMechanisms = { CKM_ECDSA KeyStore }
                destroyTokenAfterLogout = true
                """
                        .formatted(module.toAbsolutePath(), slot);
        try {
            return (AuthProvider) base.configure(configuration);
        } catch (RuntimeException e) {
            throw failed("use the token", e);
        }
    }

    private Pair load(KeyStore keys, String alias)
            throws GeneralSecurityException, CustodyException {
        var privateKey = (PrivateKey) keys.getKey(alias, null);
        var certificate = keys.getCertificate(alias);
        if (privateKey == null || certificate == null) {
            throw new CustodyException(
                    Reason.KEY_NOT_FOUND,
                    alias + " is not in the token; nothing was made in its place");
        }
        var pair = new Pair(privateKey, (ECPublicKey) certificate.getPublicKey());
        requirePair(alias, pair);
        return pair;
    }

    /** A certificate beside the wrong private key would publish a key that nobody holds. */
    private void requirePair(String alias, Pair pair)
            throws GeneralSecurityException, CustodyException {
        byte[] message = alias.getBytes(StandardCharsets.UTF_8);
        Signature verifier = Signature.getInstance(ALGORITHM);
        verifier.initVerify(pair.publicKey());
        verifier.update(message);
        if (!verifier.verify(sign(pair.privateKey(), message))) {
            throw new CustodyException(
                    Reason.KEY_ATTRIBUTES, alias + ": certificate and key are not a pair");
        }
    }

    ECPublicKey publicKey(SigningKey key) {
        return pair(key).publicKey();
    }

    /** DER-encoded ECDSA over SHA-256. */
    byte[] sign(SigningKey key, byte[] message) throws GeneralSecurityException {
        return sign(pair(key).privateKey(), message);
    }

    private byte[] sign(PrivateKey key, byte[] message) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(ALGORITHM, provider);
        signature.initSign(key);
        signature.update(message);
        return signature.sign();
    }

    private Pair pair(SigningKey key) {
        return Objects.requireNonNull(pairs.get(key), "every signing key was loaded");
    }

    /** The vault's identity names its keys: a token that has others is another token. */
    void requireSameKeys(SunSigners before) throws CustodyException {
        for (SigningKey key : SigningKey.values()) {
            if (!publicKey(key).equals(before.publicKey(key))) {
                throw new CustodyException(
                        Reason.TOKEN_CHANGED,
                        "the token has another "
                                + key.label()
                                + " key than before; restore the original token's storage");
            }
        }
    }

    /**
     * Logs out and closes each session that SunPKCS11 keeps for later. Left to the garbage
     * collector, they would be closed by number, whoever has that number by then.
     */
    void close() {
        try {
            provider.logout();
        } catch (LoginException | RuntimeException ignored) {
            // the sessions are dropped all the same, and a token that is gone has logged us out
        }
    }

    private static CustodyException failed(String what, Exception cause) {
        return new CustodyException(
                Reason.TOKEN_FAILED, "SunPKCS11 could not " + what + "; check the token", cause);
    }
}
