package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.pkcs11.Ck.*;

import dev.strongroom.crypto.custody.rules.KeyName;
import java.security.interfaces.RSAPublicKey;

/**
 * The attributes of everything that we make in a token. All of it is PRIVATE: without that a soft
 * token keeps a clear copy of the value in process memory.
 */
final class Templates {
    static final long AES_256_BYTES = 32;
    static final long RSA_BITS = 3072;
    static final byte[] RSA_EXPONENT = {1, 0, 1};
    // DER of the object identifier prime256v1
    private static final byte[] P_256 = {
        0x06, 0x08, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x03, 0x01, 0x07
    };

    private Templates() {}

    /** Class, place and name of a lasting object. */
    private static Template named(KeyName name, long objectClass) {
        return new Template()
                .number(CKA_CLASS, objectClass)
                .yes(CKA_TOKEN)
                .yes(CKA_PRIVATE)
                .bytes(CKA_ID, name.id().bytes())
                .text(CKA_LABEL, name.label());
    }

    /**
     * A data key during one re-wrap: it can be wrapped and nothing else, and its session ends it.
     * The unwrapping keys enforce exactly this on whoever unwraps.
     */
    static Template dataKey() {
        return new Template()
                .number(CKA_CLASS, CKO_SECRET_KEY)
                .number(CKA_KEY_TYPE, CKK_AES)
                .no(CKA_TOKEN)
                .yes(CKA_PRIVATE)
                .yes(CKA_SENSITIVE)
                .yes(CKA_EXTRACTABLE) // else it could not be wrapped again
                .no(CKA_ENCRYPT, CKA_DECRYPT, CKA_WRAP, CKA_UNWRAP)
                .no(CKA_SIGN, CKA_VERIFY, CKA_DERIVE, CKA_MODIFIABLE, CKA_COPYABLE);
    }

    /** A key-encryption key wraps and unwraps; were it to decrypt, it would open what it wraps. */
    static Template kek(KeyName name) {
        return named(name, CKO_SECRET_KEY).and(kekAttributes());
    }

    /** The same without name and place, for a key that lives as long as the self-test. */
    static Template kekAttributes() {
        return locked().number(CKA_CLASS, CKO_SECRET_KEY)
                .number(CKA_KEY_TYPE, CKK_AES)
                .yes(CKA_WRAP)
                .yes(CKA_UNWRAP)
                .no(CKA_ENCRYPT, CKA_DECRYPT, CKA_SIGN, CKA_VERIFY, CKA_DERIVE)
                .nested(CKA_UNWRAP_TEMPLATE, dataKey());
    }

    static Template importPrivateKey(KeyName name) {
        return named(name, CKO_PRIVATE_KEY)
                .and(locked())
                .number(CKA_KEY_TYPE, CKK_RSA)
                .yes(CKA_UNWRAP)
                .no(CKA_DECRYPT, CKA_SIGN, CKA_SIGN_RECOVER, CKA_DERIVE)
                .nested(CKA_UNWRAP_TEMPLATE, dataKey());
    }

    /** The public half as generation needs it; it is read from the private key and not kept. */
    static Template importPublicKey() {
        return unusablePublicKey()
                .number(CKA_KEY_TYPE, CKK_RSA)
                .number(CKA_MODULUS_BITS, RSA_BITS)
                .bytes(CKA_PUBLIC_EXPONENT, RSA_EXPONENT);
    }

    static Template recordMac(KeyName name) {
        return named(name, CKO_SECRET_KEY)
                .and(locked())
                .number(CKA_KEY_TYPE, CKK_GENERIC_SECRET)
                .yes(CKA_SIGN)
                .yes(CKA_VERIFY)
                .no(CKA_ENCRYPT, CKA_DECRYPT, CKA_WRAP, CKA_UNWRAP, CKA_DERIVE);
    }

    static Template signingPrivateKey(KeyName name) {
        return named(name, CKO_PRIVATE_KEY)
                .and(locked())
                .number(CKA_KEY_TYPE, CKK_EC)
                .yes(CKA_SIGN)
                .no(CKA_DECRYPT, CKA_UNWRAP, CKA_SIGN_RECOVER, CKA_DERIVE);
    }

    static Template signingPublicKey() {
        return unusablePublicKey()
                .number(CKA_KEY_TYPE, CKK_EC)
                .bytes(CKA_EC_PARAMS, P_256)
                .yes(CKA_VERIFY); // NSS tries a new pair
    }

    static Template carrierCertificate(
            KeyName name, byte[] subject, byte[] serialNumber, byte[] certificate) {
        return named(name, CKO_CERTIFICATE)
                .number(CKA_CERTIFICATE_TYPE, CKC_X_509)
                .no(CKA_MODIFIABLE)
                .bytes(CKA_SUBJECT, subject)
                .bytes(CKA_ISSUER, subject) // itself
                .bytes(CKA_SERIAL_NUMBER, serialNumber)
                .bytes(CKA_VALUE, certificate);
    }

    /** A key that does nothing: not every module keeps data objects. Its presence is the mark. */
    static Template retirement(KeyName name) {
        return retirementMarks()
                .and(named(name, CKO_SECRET_KEY))
                .and(locked())
                .no(CKA_ENCRYPT, CKA_DECRYPT, CKA_WRAP, CKA_UNWRAP)
                .no(CKA_SIGN, CKA_VERIFY, CKA_DERIVE);
    }

    /** What all marks have in common, to search for. */
    static Template retirementMarks() {
        return new Template()
                .number(CKA_CLASS, CKO_SECRET_KEY)
                .number(CKA_KEY_TYPE, CKK_GENERIC_SECRET)
                .yes(CKA_TOKEN);
    }

    /** An enclave's public key for one release: it wraps, once. */
    static Template recipient(RSAPublicKey key) {
        return unusablePublicKey()
                .number(CKA_KEY_TYPE, CKK_RSA)
                .yes(CKA_WRAP)
                .bytes(CKA_MODULUS, Rsa.unsigned(key.getModulus()))
                .bytes(CKA_PUBLIC_EXPONENT, Rsa.unsigned(key.getPublicExponent()));
    }

    /** What the token adds to a key that was born in it. */
    static Template bornInside() {
        return new Template().yes(CKA_LOCAL).yes(CKA_ALWAYS_SENSITIVE).yes(CKA_NEVER_EXTRACTABLE);
    }

    private static Template locked() {
        return new Template()
                .yes(CKA_PRIVATE)
                .yes(CKA_SENSITIVE)
                .no(CKA_EXTRACTABLE, CKA_MODIFIABLE, CKA_COPYABLE);
    }

    private static Template unusablePublicKey() {
        return new Template()
                .number(CKA_CLASS, CKO_PUBLIC_KEY)
                .no(CKA_TOKEN)
                .yes(CKA_PRIVATE)
                .no(CKA_ENCRYPT, CKA_WRAP, CKA_VERIFY, CKA_VERIFY_RECOVER, CKA_DERIVE);
    }
}
