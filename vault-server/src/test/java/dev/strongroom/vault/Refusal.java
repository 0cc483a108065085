package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.strongroom.vault.refusal.Reason;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What a refused call told the caller. */
record Refusal(Status.Code code, String message, ErrorInfo info) {
    /** Makes the call, expects a refusal with ErrorInfo, and reads it. */
    static Refusal of(ThrowingCallable call) {
        Throwable error = catchThrowable(call);
        assertThat(error).isInstanceOf(StatusRuntimeException.class);
        Status status = ((StatusRuntimeException) error).getStatus();
        var details = StatusProto.fromThrowable(error);
        assertThat(details).as("details of %s", status).isNotNull();
        assertThat(details.getDetailsList()).as("details of %s", status).hasSize(1);
        return new Refusal(status.getCode(), details.getMessage(), info(details.getDetails(0)));
    }

    private static ErrorInfo info(Any detail) {
        try {
            return detail.unpack(ErrorInfo.class);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    Refusal isFor(Reason reason) {
        assertThat(info.getReason()).as(message).isEqualTo(reason.name());
        assertThat(info.getDomain()).isEqualTo("strongroom");
        assertThat(message).contains("(reference " + info.getMetadataOrThrow("reference") + ")");
        return this;
    }

    /** The rule that refused a new seal. */
    Refusal byResealRule(String rule) {
        isFor(Reason.RESEAL_REFUSED);
        assertThat(info.getMetadataOrThrow("rule")).as(message).isEqualTo(rule);
        return this;
    }

    /** What the caller reads. */
    Refusal saying(String text) {
        assertThat(message).contains(text);
        return this;
    }

    /** The rule that refused a renewal. */
    Refusal byRenewalRule(String rule) {
        isFor(Reason.RENEWAL_REFUSED);
        assertThat(info.getMetadataOrThrow("rule")).as(message).isEqualTo(rule);
        return this;
    }

    /** The rule that refused a release. */
    Refusal byRule(String rule) {
        isFor(Reason.RELEASE_REFUSED);
        assertThat(info.getMetadataOrThrow("rule")).isEqualTo(rule);
        return this;
    }
}
