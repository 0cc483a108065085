package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
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
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.security.auth.login.LoginException;

/**
 * The token's signing keys through SunPKCS11, on the login that our own binding made: the login
 * state belongs to the process, so the PIN is not given a second time. Thread-safe.
 */
final class SunSigners {
    private static final String ALGORITHM = "SHA256withECDSA";

    private final AuthProvider provider;
    private final Map<String, Pair> pairs = new ConcurrentHashMap<>();

    private record Pair(PrivateKey privateKey, ECPublicKey publicKey) {}

    /** Loads what the token has now. */
    SunSigners(Path module, long slot) throws CustodyException {
        provider = provider(module, slot);
        try {
            load(KeyName.SIGNING_LABELS);
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

    /** A key that was made since. */
    void load(KeyName name) throws GeneralSecurityException, CustodyException {
        try {
            load(name.label());
        } catch (IOException e) {
            throw failed("load a signing key", e);
        }
        pair(name);
    }

    /** Forgets a key that was destroyed. */
    void forget(KeyName name) {
        pairs.remove(name.label());
    }

    /** A key without a certificate was never finished, and is no entry of the key store. */
    private void load(String prefix)
            throws GeneralSecurityException, IOException, CustodyException {
        var keys = KeyStore.getInstance("PKCS11", provider);
        keys.load(null, null);
        for (String alias : Collections.list(keys.aliases())) {
            if (alias.startsWith(prefix) && keys.isKeyEntry(alias)) {
                pairs.put(alias, pair(keys, alias));
            }
        }
    }

    private Pair pair(KeyStore keys, String alias)
            throws GeneralSecurityException, CustodyException {
        if (keys.getKey(alias, null) instanceof PrivateKey privateKey
                && keys.getCertificate(alias).getPublicKey() instanceof ECPublicKey publicKey) {
            var pair = new Pair(privateKey, publicKey);
            requirePair(alias, pair);
            return pair;
        }
        throw new CustodyException(Reason.KEY_ATTRIBUTES, alias + ": not a P-256 pair");
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

    ECPublicKey publicKey(KeyName key) throws CustodyException {
        return pair(key).publicKey();
    }

    /** DER-encoded ECDSA over SHA-256. */
    byte[] sign(KeyName key, byte[] message) throws GeneralSecurityException, CustodyException {
        return sign(pair(key).privateKey(), message);
    }

    private byte[] sign(PrivateKey key, byte[] message) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(ALGORITHM, provider);
        signature.initSign(key);
        signature.update(message);
        return signature.sign();
    }

    private Pair pair(KeyName key) throws CustodyException {
        Pair pair = pairs.get(key.label());
        if (pair == null) {
            throw new CustodyException(
                    Reason.KEY_NOT_FOUND,
                    key.label() + " is not in the token; nothing was made in its place");
        }
        return pair;
    }

    /** The vault's identity names its keys: a token that has others is another token. */
    void requireSameKeys(SunSigners before) throws CustodyException {
        for (var known : before.pairs.entrySet()) {
            Pair now = pairs.get(known.getKey());
            if (now == null || !now.publicKey().equals(known.getValue().publicKey())) {
                throw new CustodyException(
                        Reason.TOKEN_CHANGED,
                        "the token has another key under the name "
                                + known.getKey()
                                + " than before; restore the original token's storage");
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
