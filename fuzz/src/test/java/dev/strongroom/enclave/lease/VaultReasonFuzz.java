package dev.strongroom.enclave.lease;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** The details of a refusal, as the node reads them. */
class VaultReasonFuzz {
    private static final Metadata.Key<byte[]> DETAILS =
            Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

    static List<byte[]> seeds() {
        var info = ErrorInfo.newBuilder().setReason("ROLE_DENIED").setDomain("strongroom").build();
        return List.of(
                com.google.rpc.Status.newBuilder()
                        .setCode(7)
                        .addDetails(Any.pack(info))
                        .build()
                        .toByteArray());
    }

    @MethodSource("seeds")
    @Fuzzed
    void saysWhatTheVaultSaid(byte[] input) throws Exception {
        var trailers = new Metadata();
        trailers.put(DETAILS, input);
        var error = Status.PERMISSION_DENIED.asRuntimeException(trailers);
        Hostile.read(input, LeaseException.class, _ -> VaultCalls.reason(error));
    }
}
