package dev.strongroom.serving.rpc;

import dev.strongroom.serving.access.Door;
import dev.strongroom.serving.access.Threshold;
import dev.strongroom.serving.infer.PeerLimits;
import dev.strongroom.serving.infer.ServingLimits;
import dev.strongroom.serving.infer.Shares;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The node's endpoint: TLS 1.3 with the attested key, client certificates of the vault's CA, one
 * interceptor that decides who may call what.
 *
 * <p>Thread-safe. The owner closes it; calls under way get some seconds.
 */
public final class NodeServer implements AutoCloseable {
    private static final int CALLS_PER_CONNECTION = 128;
    private static final int METADATA_BYTES = 16 * 1024;
    private static final Duration HANDSHAKE = Duration.ofSeconds(20);
    private static final long DRAIN_SECONDS = 30;
    private static final long KEEP_ALIVE_SECONDS =
            60; // then a silent peer is asked whether it lives
    private static final long KEEP_ALIVE_ANSWER_SECONDS = 20;
    private static final long MIN_CLIENT_KEEP_ALIVE_SECONDS = 30; // who asks more often is cut off
    private static final int RESETS = 2000; // calls that a connection may give up in a window
    private static final int RESETS_SECONDS = 10;

    private final Server server;
    private final StalledCalls stalled;
    private final EventLoops loops;

    private NodeServer(Server server, StalledCalls stalled, EventLoops loops) {
        this.server = server;
        this.stalled = stalled;
        this.loops = loops;
    }

    /**
     * Starts to listen.
     *
     * @param door that callers are let in by
     * @param services without access rules of their own
     */
    public static NodeServer start(
            InetSocketAddress address,
            Door door,
            ServingLimits limits,
            List<BindableService> services)
            throws IOException {
        Shares arriving = limits.account();
        StalledCalls stalled = StalledCalls.watch(limits.peers().idle());
        var arrivals = new Arrivals(arriving, stalled);
        var threshold = Threshold.of(door);
        var loops = new EventLoops();
        var builder =
                loops.serve(NettyServerBuilder.forAddress(address))
                        .protocolNegotiator(
                                new Turnstile(
                                        new NodeTls(door.identity()),
                                        threshold,
                                        door.connections()))
                        .handshakeTimeout(handshake(limits).toMillis(), TimeUnit.MILLISECONDS)
                        .maxInboundMessageSize(Math.toIntExact(limits.framedBytes()))
                        .maxInboundMetadataSize(METADATA_BYTES)
                        .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION)
                        .maxRstFramesPerWindow(RESETS, RESETS_SECONDS)
                        .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                        .keepAliveTimeout(KEEP_ALIVE_ANSWER_SECONDS, TimeUnit.SECONDS)
                        .permitKeepAliveTime(MIN_CLIENT_KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                        .permitKeepAliveWithoutCalls(true)
                        // Services hand work to pools of their own; nothing blocks in between.
                        .directExecutor()
                        .addTransportFilter(new Connections(door.peers(), threshold))
                        .addStreamTracerFactory(arrivals)
                        .intercept(arrivals)
                        .intercept(
                                new CallLimitInterceptor(door.calls())) // inner: of admitted peers
                        .intercept(new AccessInterceptor(door.access()))
                        .intercept(
                                new TeeInterceptor(
                                        door.tee())); // the outer one: on refusals as well
        services.forEach(builder::addService);
        if (limits.peers().reflection() == PeerLimits.Reflection.ON) {
            builder.addService(new ReflectionService(services));
        }
        try {
            return new NodeServer(builder.build().start(), stalled, loops);
        } catch (IOException | RuntimeException e) {
            loops.close();
            stalled.close();
            throw e;
        }
    }

    private static Duration handshake(ServingLimits limits) {
        Duration idle = limits.peers().idle();
        return HANDSHAKE.compareTo(idle) < 0 ? HANDSHAKE : idle;
    }

    public int port() {
        return server.getPort();
    }

    @Override
    public void close() {
        server.shutdown();
        try {
            if (!server.awaitTermination(DRAIN_SECONDS, TimeUnit.SECONDS)) {
                server.shutdownNow();
            }
        } catch (InterruptedException e) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        } finally {
            stalled.close();
            loops.close();
        }
    }
}
