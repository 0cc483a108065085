package dev.strongroom.crypto.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.strongroom.crypto.custody.CustodyException.Reason;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Expectations of a custodian's refusals. */
public final class Refusals {
    private Refusals() {}

    public static void assertRefused(Reason reason, ThrowingCallable call) {
        CustodyException refusal = catchThrowableOfType(CustodyException.class, call);
        assertThat(refusal).as("expected %s", reason).isNotNull();
        assertThat(refusal.reason()).as(refusal.getMessage()).isEqualTo(reason);
    }
}
