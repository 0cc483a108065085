package dev.strongroom.crypto.custody.bcfks;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.TokenSigner;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.ECPublicKey;
import java.util.concurrent.atomic.AtomicBoolean;

/** Signs with a key of the key store for as long as its custodian is open. Thread-safe. */
record SoftwareSigner(PrivateKey privateKey, ECPublicKey publicKey, AtomicBoolean open)
        implements TokenSigner {
    private static final String ALGORITHM = "SHA256withECDSA";

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
        if (!open.get()) {
            throw new SignatureException("the key store is closed");
        }
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(privateKey);
            signature.update(message);
            return signature.sign();
        } catch (SignatureException e) {
            throw e;
        } catch (GeneralSecurityException e) {
            throw new SignatureException("the key store's key did not sign", e);
        }
    }

    @Override
    public String toString() {
        return "SoftwareSigner[" + keyId() + "]";
    }
}
