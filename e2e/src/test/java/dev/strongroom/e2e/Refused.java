package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/**
 * How a server refused a call.
 *
 * @param info its domain is always ours
 */
record Refused(Status.Code code, String message, ErrorInfo info) {
    /** Makes the call and expects a refusal that explains itself. */
    static Refused by(ThrowingCallable call) {
        Throwable error = catchThrowable(call);
        assertThat(error).isInstanceOf(StatusRuntimeException.class);
        var details = StatusProto.fromThrowable(error);
        assertThat(details).as("details of %s", error).isNotNull();
        assertThat(details.getDetailsList()).as("details of %s", error).hasSize(1);
        ErrorInfo info = info(details.getDetails(0));
        assertThat(info.getDomain()).isEqualTo("strongroom");
        return new Refused(
                ((StatusRuntimeException) error).getStatus().getCode(), details.getMessage(), info);
    }

    /** Why a call was refused, whatever else the refusal says, such as when to come again. */
    static String reason(StatusRuntimeException error) {
        var details = StatusProto.fromThrowable(error);
        assertThat(details).as("details of %s", error).isNotNull();
        return details.getDetailsList().stream()
                .filter(detail -> detail.is(ErrorInfo.class))
                .map(Refused::info)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no ErrorInfo in " + error, error))
                .getReason();
    }

    private static ErrorInfo info(Any detail) {
        try {
            return detail.unpack(ErrorInfo.class);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Expects this code and reason. */
    Refused with(Status.Code expected, String reason) {
        assertThat(code).as(message).isEqualTo(expected);
        assertThat(info.getReason()).as(message).isEqualTo(reason);
        return this;
    }

    /** The rule of a refused release. */
    String rule() {
        return info.getMetadataOrDefault("rule", "");
    }
}
