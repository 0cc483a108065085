package dev.strongroom.vault.rpc;

import dev.strongroom.attestation.Tee;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.vault.VaultConfig.Listener;
import dev.strongroom.vault.access.AccessInterceptor;
import dev.strongroom.vault.access.UnknownMethods;
import dev.strongroom.vault.admin.TokenDesk;
import dev.strongroom.vault.approval.ApprovalDesk;
import dev.strongroom.vault.approval.ApprovalView;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.backup.Backups;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.decoy.DecoyDesk;
import dev.strongroom.vault.decoy.DecoyWatch;
import dev.strongroom.vault.guard.GuardDesk;
import dev.strongroom.vault.guard.MeasureDesk;
import dev.strongroom.vault.ownkeys.OwnKeyDesk;
import dev.strongroom.vault.ownkeys.OwnKeys;
import dev.strongroom.vault.publish.AliasDesk;
import dev.strongroom.vault.publish.Committer;
import dev.strongroom.vault.publish.PoliciesInForce;
import dev.strongroom.vault.publish.PolicyDesk;
import dev.strongroom.vault.publish.Publisher;
import dev.strongroom.vault.publish.Versions;
import dev.strongroom.vault.release.LeaseDesk;
import dev.strongroom.vault.release.ResultOffice;
import dev.strongroom.vault.reseal.ResealDesk;
import dev.strongroom.vault.reseal.SealSwap;
import dev.strongroom.vault.rotation.Destruction;
import dev.strongroom.vault.rotation.Rotations;
import dev.strongroom.vault.store.ObjectStore;
import dev.strongroom.vault.tenancy.IdentityDesk;
import dev.strongroom.vault.tenancy.ImportKeys;
import dev.strongroom.vault.tenancy.TenantDesk;
import dev.strongroom.vault.watch.FingerprintDesk;
import dev.strongroom.vault.watch.LeaseWatches;
import dev.strongroom.vault.watch.RevocationDesk;
import dev.strongroom.vault.watch.ZeroisationDesk;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * The vault's gRPC server: mutual TLS, limits, and around every service the same interceptors. Each
 * call runs on a virtual thread.
 *
 * <p>Thread-safe.
 */
public final class GrpcEndpoint implements AutoCloseable {
    private static final int MAX_MESSAGE_BYTES = (1 << 20) + (64 << 10); // a chunk and its frame
    private static final int MAX_METADATA_BYTES = 16 * 1024;
    private static final int MAX_CALLS_PER_CONNECTION = 16;
    private static final int FLOW_CONTROL_BYTES = 1 << 20;
    private static final long HANDSHAKE_SECONDS = 10;
    private static final long KEEP_ALIVE_SECONDS = 60;
    private static final long MIN_CLIENT_KEEP_ALIVE_SECONDS = 20;
    private static final long MAX_IDLE_MINUTES = 30;
    private static final long SHUTDOWN_SECONDS = 10;

    private final Server server;
    private final ExecutorService calls;
    private final LeaseWatches watches;
    private final String host;

    private GrpcEndpoint(Server server, ExecutorService calls, LeaseWatches watches, String host) {
        this.server = server;
        this.calls = calls;
        this.watches = watches;
        this.host = host;
    }

    /** Everything that the services stand on. */
    public record Desks(
            Database database,
            ObjectStore store,
            AuditLog log,
            KeyCustodian custodian,
            Publisher publisher,
            Committer committer,
            Versions versions,
            PolicyDesk policyDesk,
            PoliciesInForce policies,
            AliasDesk aliases,
            TenantDesk tenants,
            ImportKeys importKeys,
            IdentityDesk identities,
            Rotations rotations,
            Backups backups,
            Destruction destruction,
            LeaseDesk leases,
            ResultOffice results,
            LeaseWatches watches,
            RevocationDesk revocations,
            ZeroisationDesk zeroisations,
            FingerprintDesk fingerprints,
            ApprovalDesk approvals,
            ApprovalView approvalView,
            ResealDesk reseals,
            SealSwap swap,
            OwnKeys ownKeys,
            OwnKeyDesk ownKeyDesk,
            GuardDesk guards,
            MeasureDesk measures,
            DecoyWatch decoyWatch,
            DecoyDesk decoys) {
        List<BindableService> services() {
            return List.of(
                    new ModelsService(
                            publisher,
                            committer,
                            versions,
                            policyDesk,
                            policies,
                            aliases,
                            store,
                            log),
                    new KeysService(
                            database,
                            custodian,
                            importKeys,
                            rotations,
                            destruction,
                            new TokenDesk(custodian, log)),
                    new ReleaseService(
                            leases,
                            results,
                            watches,
                            zeroisations,
                            fingerprints,
                            reseals,
                            swap,
                            log,
                            ownKeys),
                    new AuditService(log),
                    new ApprovalsService(approvals, approvalView, log),
                    new AdminService(tenants, identities, revocations, backups, log, ownKeys),
                    new OwnKeysService(ownKeyDesk),
                    new GuardsService(guards, measures, decoys, log),
                    new DecoysService(decoys, log));
        }
    }

    /** Starts to listen. */
    public static GrpcEndpoint start(
            Listener listener,
            SslContext tls,
            Desks desks,
            MeterRegistry metrics,
            Tee tee,
            SecureRandom random)
            throws IOException {
        ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
        var builder =
                NettyServerBuilder.forAddress(
                                new InetSocketAddress(listener.host(), listener.port()))
                        .sslContext(tls)
                        .executor(calls)
                        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                        .maxInboundMetadataSize(MAX_METADATA_BYTES)
                        .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
                        .flowControlWindow(FLOW_CONTROL_BYTES)
                        .handshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS)
                        .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                        .permitKeepAliveTime(MIN_CLIENT_KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                        .maxConnectionIdle(MAX_IDLE_MINUTES, TimeUnit.MINUTES);
        desks.services().forEach(builder::addService);
        builder.fallbackHandlerRegistry(new UnknownMethods());
        // The last one added sees a call first.
        builder.intercept(new ForegroundInterceptor(desks.rotations().foreground()));
        builder.intercept(
                new AccessInterceptor(
                        desks.log().views().issuedKeys(),
                        () -> desks.ownKeys().issuer().trusted(),
                        desks.decoyWatch()));
        builder.intercept(new ErrorInterceptor(random));
        builder.intercept(new ObservingInterceptor(metrics, tee));
        try {
            return new GrpcEndpoint(
                    builder.build().start(), calls, desks.watches(), listener.host());
        } catch (IOException | RuntimeException e) {
            calls.close();
            throw e;
        }
    }

    /** {@code host:port}. */
    public String address() {
        return host + ":" + server.getPort();
    }

    Server server() {
        return server;
    }

    /** Lets running calls end for a while, then ends them. */
    @Override
    public void close() {
        server.shutdown();
        watches.close();
        try {
            if (!server.awaitTermination(SHUTDOWN_SECONDS, TimeUnit.SECONDS)) {
                server.shutdownNow();
            }
        } catch (InterruptedException e) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
        calls.shutdown();
    }
}
