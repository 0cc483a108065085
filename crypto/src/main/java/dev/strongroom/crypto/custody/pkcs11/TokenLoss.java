package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import java.util.Set;

/** Which failures mean that sessions, login or handles are gone and only a new login helps. */
final class TokenLoss {
    private static final Set<Long> LOST =
            Set.of(
                    0x05L, // GENERAL_ERROR: SoftHSM2's answer when the token's storage is gone
                    0x30L, // DEVICE_ERROR
                    0x31L, // DEVICE_MEMORY
                    0x32L, // DEVICE_REMOVED
                    0x60L, // KEY_HANDLE_INVALID: we use no handle that was not found or made
                    0x82L, // OBJECT_HANDLE_INVALID
                    0xb0L, // SESSION_CLOSED
                    0xb3L, // SESSION_HANDLE_INVALID
                    0xe0L, // TOKEN_NOT_PRESENT
                    0xf0L, // UNWRAPPING_KEY_HANDLE_INVALID
                    0x101L, // USER_NOT_LOGGED_IN
                    0x113L, // WRAPPING_KEY_HANDLE_INVALID
                    CkResult.CRYPTOKI_NOT_INITIALIZED);

    /** After these, only an operator's word leads to another login. */
    private static final Set<Reason> FINAL =
            Set.of(Reason.PIN_INCORRECT, Reason.PIN_LOCKED, Reason.SELF_TEST_FAILED);

    private TokenLoss() {}

    /** Whether the module's answer says so by itself. */
    static boolean isSaidBy(CustodyException failure) {
        for (Throwable e = failure; e != null; e = e.getCause()) {
            if (e instanceof Pkcs11Exception refused && LOST.contains(refused.result())) {
                return true;
            }
        }
        return false;
    }

    /** A token whose storage is gone finds nothing and reports no error. */
    static boolean isPossibleBy(CustodyException failure) {
        return failure.reason() == Reason.KEY_NOT_FOUND;
    }

    static boolean needsOperator(CustodyException failure) {
        return FINAL.contains(failure.reason());
    }
}
