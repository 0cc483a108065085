package dev.strongroom.bench.peer;

import dev.strongroom.bench.serve.Calls;
import dev.strongroom.bench.serve.Clients;
import dev.strongroom.bench.serve.HttpLoad;
import dev.strongroom.bench.serve.NodeLoad;
import java.net.URI;
import java.util.OptionalLong;

/**
 * Another server of the Open Inference Protocol, in the clear, which has models {@code tiny} and
 * {@code minilm}.
 */
public sealed interface Peer {
    /** What it is called in tables. */
    String name();

    /** Asks it one question all the time. */
    Calls asked(Question question, int connections, int underWayOnEach) throws Exception;

    /**
     * By gRPC.
     *
     * @param address host and port
     * @param pid of its process, where that is on this machine and known
     */
    record Grpc(String name, String address, OptionalLong pid) implements Peer {
        @Override
        public Calls asked(Question question, int connections, int underWayOnEach)
                throws Exception {
            return new NodeLoad(() -> Clients.plain(address), pid)
                    .unary(connections, underWayOnEach, question.protobuf());
        }
    }

    /** By JSON over HTTP. */
    record Http(String name, URI base) implements Peer {
        @Override
        public Calls asked(Question question, int connections, int underWayOnEach) {
            return new HttpLoad(
                    base.resolve("/v2/models/" + question.model() + "/infer"),
                    question.json(),
                    connections * underWayOnEach);
        }
    }

    /**
     * As somebody wrote it on a command line.
     *
     * @param where {@code HOST:PORT} or {@code http://HOST:PORT}
     */
    static Peer at(String where) {
        return where.startsWith("http://")
                ? new Http(where, URI.create(where))
                : new Grpc(where, where, OptionalLong.empty());
    }
}
