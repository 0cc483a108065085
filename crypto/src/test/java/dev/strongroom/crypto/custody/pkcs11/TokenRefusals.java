package dev.strongroom.crypto.custody.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Expectations of refusals by the token itself. */
final class TokenRefusals {
    private TokenRefusals() {}

    static void assertTokenRefuses(long result, ThrowingCallable call) {
        Pkcs11Exception refusal = catchThrowableOfType(Pkcs11Exception.class, call);
        assertThat(refusal).as("expected %s", CkResult.describe(result)).isNotNull();
        assertThat(CkResult.describe(refusal.result())).isEqualTo(CkResult.describe(result));
    }
}
