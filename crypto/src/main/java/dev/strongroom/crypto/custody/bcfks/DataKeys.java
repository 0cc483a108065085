package dev.strongroom.crypto.custody.bcfks;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.WrapFormat;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.Arrays;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.SecretKey;

/**
 * Moves a data key from one wrapping to another. In between it is a byte array of this heap, inside
 * one method here, and is zeroed before that returns. Copies that the JDK's ciphers make on the way
 * are zeroed by them, but for the numbers of the RSA operation, which are garbage after it.
 */
final class DataKeys {
    static final WrapFormat FORMAT = WrapFormat.RFC3394_KW;
    static final OaepHash OAEP = OaepHash.SHA256;

    private static final int DATA_KEY_BYTES = 32;

    private DataKeys() {}

    /** From the client's ciphertext to a key-encryption key; every fault is the same refusal. */
    static byte[] fromImport(PrivateKey importKey, byte[] ciphertext, SecretKey kek)
            throws CustodyException {
        byte[] dataKey = importable(importKey, ciphertext);
        try {
            if (dataKey.length != DATA_KEY_BYTES) {
                throw importRefused();
            }
            return wrap(kek, dataKey);
        } finally {
            Arrays.fill(dataKey, (byte) 0);
        }
    }

    private static byte[] importable(PrivateKey importKey, byte[] ciphertext)
            throws CustodyException {
        try {
            return oaep(Cipher.DECRYPT_MODE, importKey, ciphertext);
        } catch (BadPaddingException | IllegalBlockSizeException e) {
            throw importRefused();
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    /** From one key-encryption key to another. */
    static byte[] fromKek(SecretKey from, byte[] wrapped, SecretKey to) throws CustodyException {
        byte[] dataKey = unwrap(from, wrapped);
        try {
            return wrap(to, dataKey);
        } finally {
            Arrays.fill(dataKey, (byte) 0);
        }
    }

    /** From a key-encryption key to an enclave's public key. */
    static byte[] toRecipient(SecretKey kek, byte[] wrapped, PublicKey recipient)
            throws CustodyException {
        byte[] dataKey = unwrap(kek, wrapped);
        try {
            return oaep(Cipher.ENCRYPT_MODE, recipient, dataKey);
        } catch (InvalidKeyException e) {
            throw new CustodyException(
                    Reason.RELEASE_KEY_REFUSED, "KEM key: not one to encrypt to", e);
        } catch (GeneralSecurityException e) {
            throw missing(e);
        } finally {
            Arrays.fill(dataKey, (byte) 0);
        }
    }

    static byte[] wrap(SecretKey kek, byte[] dataKey) throws CustodyException {
        try {
            return keyWrap(Cipher.ENCRYPT_MODE, kek, dataKey);
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    static byte[] unwrap(SecretKey kek, byte[] wrapped) throws CustodyException {
        try {
            return keyWrap(Cipher.DECRYPT_MODE, kek, wrapped);
        } catch (IllegalBlockSizeException | BadPaddingException e) {
            throw new CustodyException(
                    Reason.RECORD_NOT_AUTHENTIC,
                    "wrapped key record: authentic, but its key does not open under the"
                            + " key-encryption key it names",
                    e);
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    private static byte[] keyWrap(int mode, SecretKey kek, byte[] input)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/KW/NoPadding"); // RFC 3394
        cipher.init(mode, kek);
        return cipher.doFinal(input);
    }

    private static byte[] oaep(int mode, Key key, byte[] input) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
        cipher.init(mode, key, OAEP.parameters());
        return cipher.doFinal(input);
    }

    private static CustodyException importRefused() {
        return new CustodyException(
                Reason.IMPORT_REFUSED,
                "import ciphertext: refused; seal again with the tenant's current import"
                        + " certificate");
    }

    private static CustodyException missing(GeneralSecurityException cause) {
        return new CustodyException(
                Reason.TOKEN_FAILED, "this Java cannot do what a key store vault needs", cause);
    }
}
