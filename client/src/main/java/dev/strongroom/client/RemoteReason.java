package dev.strongroom.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import java.util.Optional;

/** The stable word for why a server of ours refused: the reason of its {@code ErrorInfo}. */
public final class RemoteReason {
    private static final String DOMAIN = "strongroom";

    private RemoteReason() {}

    /** Empty when the error is not from a server of ours. */
    public static Optional<String> of(Throwable error) {
        return info(error).map(ErrorInfo::getReason);
    }

    /** What else the refusal says under a name; empty when that is nothing. */
    static Optional<String> detail(Throwable error, String name) {
        return info(error).map(info -> info.getMetadataMap().get(name));
    }

    private static Optional<ErrorInfo> info(Throwable error) {
        return details(error).stream().flatMap(detail -> read(detail).stream()).findFirst();
    }

    private static List<Any> details(Throwable error) {
        try {
            com.google.rpc.Status status = StatusProto.fromThrowable(error);
            return status == null ? List.of() : status.getDetailsList();
        } catch (IllegalArgumentException e) {
            return List.of(); // malformed, or of another code than the call's: no server of ours
        }
    }

    private static Optional<ErrorInfo> read(Any detail) {
        if (!detail.is(ErrorInfo.class)) {
            return Optional.empty();
        }
        try {
            ErrorInfo info = detail.unpack(ErrorInfo.class);
            return Optional.of(info).filter(said -> said.getDomain().equals(DOMAIN));
        } catch (InvalidProtocolBufferException e) {
            return Optional.empty(); // a detail that lies about its type tells nothing
        }
    }
}
