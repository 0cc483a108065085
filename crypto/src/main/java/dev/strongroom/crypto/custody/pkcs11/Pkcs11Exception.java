package dev.strongroom.crypto.custody.pkcs11;

/** A call of the module that did not return CKR_OK. Stays inside this package. */
final class Pkcs11Exception extends Exception {
    private static final long serialVersionUID = 1L;

    private final long result;

    Pkcs11Exception(String function, long result) {
        super(function + ": " + CkResult.describe(result));
        this.result = result;
    }

    long result() {
        return result;
    }
}
