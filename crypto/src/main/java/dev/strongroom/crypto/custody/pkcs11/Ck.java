package dev.strongroom.crypto.custody.pkcs11;

/** The numbers of PKCS#11 v2.40 that we use, under the names of the specification. */
final class Ck {
    static final long UNAVAILABLE = ~0L;

    static final long CKU_SO = 0;
    static final long CKU_USER = 1;
    static final long CKF_RW_SESSION = 1 << 1;
    static final long CKF_SERIAL_SESSION = 1 << 2;
    static final long CKF_OS_LOCKING_OK = 1 << 1;
    static final long CKF_TOKEN_INITIALIZED = 1 << 10;

    static final long CKO_DATA = 0;
    static final long CKO_CERTIFICATE = 1;
    static final long CKO_PUBLIC_KEY = 2;
    static final long CKO_PRIVATE_KEY = 3;
    static final long CKO_SECRET_KEY = 4;

    static final long CKK_RSA = 0;
    static final long CKK_EC = 3;
    static final long CKK_GENERIC_SECRET = 0x10;
    static final long CKK_AES = 0x1f;
    static final long CKC_X_509 = 0;

    static final long CKA_CLASS = 0;
    static final long CKA_TOKEN = 1;
    static final long CKA_PRIVATE = 2;
    static final long CKA_LABEL = 3;
    static final long CKA_VALUE = 0x11;
    static final long CKA_CERTIFICATE_TYPE = 0x80;
    static final long CKA_KEY_TYPE = 0x100;
    static final long CKA_SUBJECT = 0x101;
    static final long CKA_ID = 0x102;
    static final long CKA_SENSITIVE = 0x103;
    static final long CKA_ENCRYPT = 0x104;
    static final long CKA_DECRYPT = 0x105;
    static final long CKA_WRAP = 0x106;
    static final long CKA_UNWRAP = 0x107;
    static final long CKA_SIGN = 0x108;
    static final long CKA_SIGN_RECOVER = 0x109;
    static final long CKA_VERIFY = 0x10a;
    static final long CKA_VERIFY_RECOVER = 0x10b;
    static final long CKA_DERIVE = 0x10c;
    static final long CKA_MODULUS = 0x120;
    static final long CKA_MODULUS_BITS = 0x121;
    static final long CKA_PUBLIC_EXPONENT = 0x122;
    static final long CKA_VALUE_LEN = 0x161;
    static final long CKA_EXTRACTABLE = 0x162;
    static final long CKA_LOCAL = 0x163;
    static final long CKA_NEVER_EXTRACTABLE = 0x164;
    static final long CKA_ALWAYS_SENSITIVE = 0x165;
    static final long CKA_MODIFIABLE = 0x170;
    static final long CKA_COPYABLE = 0x171;
    static final long CKA_EC_PARAMS = 0x180;
    static final long CKA_EC_POINT = 0x181;
    static final long CKA_DESTROYABLE = 0x172;
    static final long CKA_TRUSTED = 0x86;
    static final long CKA_ISSUER = 0x81;
    static final long CKA_SERIAL_NUMBER = 0x82;
    static final long CKA_WRAP_WITH_TRUSTED = 0x210;
    static final long CKA_UNWRAP_TEMPLATE = 0x40000212L;

    static final long CKM_RSA_PKCS_KEY_PAIR_GEN = 0;
    static final long CKM_RSA_PKCS_OAEP = 9;
    static final long CKM_SHA_1 = 0x220;
    static final long CKM_SHA256 = 0x250;
    static final long CKM_SHA256_HMAC = 0x251;
    static final long CKM_GENERIC_SECRET_KEY_GEN = 0x350;
    static final long CKM_EC_KEY_PAIR_GEN = 0x1040;
    static final long CKM_ECDSA = 0x1041;
    static final long CKM_AES_KEY_GEN = 0x1080;
    static final long CKM_AES_ECB = 0x1081;
    static final long CKM_AES_KEY_WRAP = 0x2109;
    static final long CKM_AES_KEY_WRAP_PAD = 0x210a;
    static final long CKM_AES_KEY_WRAP_KWP = 0x210b;
    static final long CKM_CLOUDHSM_AES_KEY_WRAP_NO_PAD = 0x80002109L;
    static final long CKM_CLOUDHSM_AES_KEY_WRAP_PKCS5_PAD = 0x8000210aL;
    static final long CKM_CLOUDHSM_AES_KEY_WRAP_ZERO_PAD = 0x8000216fL;

    static final long CKG_MGF1_SHA1 = 1;
    static final long CKG_MGF1_SHA256 = 2;
    static final long CKZ_DATA_SPECIFIED = 1;

    private Ck() {}
}
