package dev.strongroom.crypto.custody.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Expectations of refusals by our code and by the token. */
final class Refusals {
    private Refusals() {}

    static void assertRefused(Reason reason, ThrowingCallable call) {
        CustodyException refusal = catchThrowableOfType(CustodyException.class, call);
        assertThat(refusal).as("expected %s", reason).isNotNull();
        assertThat(refusal.reason()).as(refusal.getMessage()).isEqualTo(reason);
    }

    static void assertTokenRefuses(long result, ThrowingCallable call) {
        Pkcs11Exception refusal = catchThrowableOfType(Pkcs11Exception.class, call);
        assertThat(refusal).as("expected %s", CkResult.describe(result)).isNotNull();
        assertThat(CkResult.describe(refusal.result())).isEqualTo(CkResult.describe(result));
    }
}
