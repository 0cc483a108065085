package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.TokenSigner;
import dev.strongroom.crypto.custody.rules.KeyName;
import java.security.SignatureException;
import java.security.interfaces.ECPublicKey;

/** A signing key by its name: each signature is made in the login of that moment. Thread-safe. */
record RecoverableSigner(KeyName key, ECPublicKey publicKey, TokenAccess access)
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
            return access.sign("sign", signers -> signers.sign(key, message));
        } catch (CustodyException e) {
            throw new SignatureException(e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return "TokenSigner[" + key.label() + " " + keyId() + "]";
    }
}
