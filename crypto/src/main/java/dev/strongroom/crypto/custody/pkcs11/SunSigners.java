package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.TokenSigner;
import dev.strongroom.crypto.custody.rules.KeyName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.ProviderException;
import java.security.Security;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.ECPublicKey;

/**
 * The token's signing keys through SunPKCS11, on the login that our own binding made: the login
 * state belongs to the process, so the PIN is not given a second time. Thread-safe.
 */
final class SunSigners {
    private static final String ALGORITHM = "SHA256withECDSA";

    private final Provider provider;
    private final KeyStore keys;

    /** Loads what the token has now. */
    SunSigners(Path module, long slot) throws CustodyException {
        try {
            provider = provider(module, slot);
            keys = KeyStore.getInstance("PKCS11", provider);
            keys.load(null, null);
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            throw failed("load the signing keys", e);
        }
    }

    private static Provider provider(Path module, long slot) throws CustodyException {
        Provider base = Security.getProvider("SunPKCS11");
        if (base == null) {
            throw new CustodyException(
                    Reason.MODULE_NOT_USABLE,
                    "this Java has no SunPKCS11; run with module jdk.crypto.cryptoki");
        }
        // "--" marks configuration in the text itself: no file is written.
        return base.configure(
                """
                --name = Strongroom
                library = %s
                slot = %d
                enabledMechanisms = { CKM_ECDSA KeyStore }
                """
                        .formatted(module.toAbsolutePath(), slot));
    }

    TokenSigner signer(SigningKey key) throws CustodyException {
        String alias = KeyName.signing(key).label();
        try {
            var privateKey = (PrivateKey) keys.getKey(alias, null);
            var certificate = keys.getCertificate(alias);
            if (privateKey == null || certificate == null) {
                throw new CustodyException(
                        Reason.KEY_NOT_FOUND,
                        alias + " is not in the token; nothing was made in its place");
            }
            var signer = new Signer(privateKey, (ECPublicKey) certificate.getPublicKey(), provider);
            signer.requirePair(alias);
            return signer;
        } catch (GeneralSecurityException e) {
            throw failed("use " + alias, e);
        }
    }

    private static CustodyException failed(String what, Exception cause) {
        return new CustodyException(
                Reason.TOKEN_FAILED, "SunPKCS11 could not " + what + "; check the token", cause);
    }

    private record Signer(PrivateKey privateKey, ECPublicKey publicKey, Provider provider)
            implements TokenSigner {
        @Override
        public byte[] spki() {
            return publicKey.getEncoded();
        }

        @Override
        public Digest keyId() {
            return Digest.sha256(spki());
        }

        @Override
        public byte[] sign(byte[] message) throws SignatureException {
            try {
                Signature signature = Signature.getInstance(ALGORITHM, provider);
                signature.initSign(privateKey);
                signature.update(message);
                return signature.sign();
            } catch (SignatureException e) {
                throw e;
            } catch (GeneralSecurityException | ProviderException e) {
                throw new SignatureException("the token did not sign", e);
            }
        }

        /** A certificate beside the wrong private key would publish a key that nobody holds. */
        void requirePair(String alias) throws GeneralSecurityException, CustodyException {
            byte[] message = alias.getBytes(StandardCharsets.UTF_8);
            Signature verifier = Signature.getInstance(ALGORITHM);
            verifier.initVerify(publicKey);
            verifier.update(message);
            if (!verifier.verify(sign(message))) {
                throw new CustodyException(
                        Reason.KEY_ATTRIBUTES, alias + ": certificate and key are not a pair");
            }
        }

        @Override
        public String toString() {
            return "TokenSigner[" + keyId() + "]";
        }
    }
}
