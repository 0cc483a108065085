package dev.strongroom.vault.rpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import dev.strongroom.proto.v1.RenewLeaseRequest;
import dev.strongroom.proto.v1.RequestLeaseRequest;
import dev.strongroom.vault.refusal.RefusedException;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** What a node sends to get a key, and to renew its lease: the same bytes read as either. */
class NodeRequestFuzz {
    private interface Reader<M> {
        Object read(M message) throws RefusedException;
    }

    static List<byte[]> seeds() {
        return List.of(NodeRequests.release(), NodeRequests.renewal());
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsARequestOrRefuses(byte[] input) throws Exception {
        read(input, RequestLeaseRequest.parser(), Messages::leaseRequest);
        read(input, RenewLeaseRequest.parser(), Messages::renewalRequest);
    }

    private static <M> void read(byte[] input, Parser<M> parser, Reader<M> reader)
            throws Exception {
        M message;
        try {
            message = parser.parseFrom(input);
        } catch (InvalidProtocolBufferException e) {
            return; // gRPC refuses it before we see it
        }
        Hostile.read(input, RefusedException.class, _ -> reader.read(message));
    }
}
