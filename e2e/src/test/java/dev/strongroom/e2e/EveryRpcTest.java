package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Message;
import dev.strongroom.proto.health.HealthGrpc;
import dev.strongroom.proto.health.HealthProto;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.GrpcService;
import dev.strongroom.proto.inference.ServerLiveRequest;
import dev.strongroom.proto.v1.AdminGrpc;
import dev.strongroom.proto.v1.AdminOuterClass;
import dev.strongroom.proto.v1.ApprovalsGrpc;
import dev.strongroom.proto.v1.ApprovalsOuterClass;
import dev.strongroom.proto.v1.AuditGrpc;
import dev.strongroom.proto.v1.AuditOuterClass;
import dev.strongroom.proto.v1.DecoysGrpc;
import dev.strongroom.proto.v1.DecoysOuterClass;
import dev.strongroom.proto.v1.GetCheckpointRequest;
import dev.strongroom.proto.v1.Guard;
import dev.strongroom.proto.v1.GuardsGrpc;
import dev.strongroom.proto.v1.KeysGrpc;
import dev.strongroom.proto.v1.KeysOuterClass;
import dev.strongroom.proto.v1.ModelsGrpc;
import dev.strongroom.proto.v1.ModelsOuterClass;
import dev.strongroom.proto.v1.NodeEvidenceGrpc;
import dev.strongroom.proto.v1.NodeEvidenceOuterClass;
import dev.strongroom.proto.v1.OwnKeysGrpc;
import dev.strongroom.proto.v1.OwnKeysOuterClass;
import dev.strongroom.proto.v1.ReleaseGrpc;
import dev.strongroom.proto.v1.ReleaseOuterClass;
import dev.strongroom.testkit.rpc.AnyRpc;
import dev.strongroom.vault.access.AccessRole;
import dev.strongroom.vault.access.Principal;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every RPC of a running vault and a running node, enumerated from the descriptors, called by those
 * who must not. Who may call what is tested where each server is.
 */
@ExtendWith(SharedDeployment.class)
class EveryRpcTest {
    private static final List<FileDescriptor> FILES =
            List.of(
                    ModelsOuterClass.getDescriptor(),
                    KeysOuterClass.getDescriptor(),
                    ReleaseOuterClass.getDescriptor(),
                    AuditOuterClass.getDescriptor(),
                    ApprovalsOuterClass.getDescriptor(),
                    OwnKeysOuterClass.getDescriptor(),
                    Guard.getDescriptor(),
                    DecoysOuterClass.getDescriptor(),
                    AdminOuterClass.getDescriptor(),
                    NodeEvidenceOuterClass.getDescriptor(),
                    GrpcService.getDescriptor(),
                    HealthProto.getDescriptor());

    /** What any certified caller of the vault may ask, since the answer is the caller's own. */
    private static final Set<String> FOR_EVERY_ROLE =
            Set.of(
                    "Models/ListModels",
                    "Models/GetVersion",
                    "Models/GetPolicies",
                    "Models/ListAliases",
                    "Release/GetResultToken",
                    "Audit/GetCheckpoint",
                    "Audit/GetInclusionProof",
                    "Audit/GetConsistencyProof",
                    "Admin/GetVaultIdentity");

    private static Deployment world;
    private static Path other;
    private static ExpiredIdentity identities;
    private static final List<Caller> CALLERS = new ArrayList<>();

    @BeforeAll
    static void certify(Deployment shared) throws Exception {
        world = shared;
        other = shared.newTenant("every-rpc-other").owner();
        var principal = new Principal("acme", AccessRole.CONSUMER, "too-late");
        identities = ExpiredIdentity.make(shared, principal);
    }

    @AfterAll
    static void stop() {
        CALLERS.forEach(Caller::close);
        CALLERS.clear();
    }

    static Stream<AnyRpc> vaultRpcs() {
        return AnyRpc.of(
                List.of(
                        ModelsGrpc.getServiceDescriptor(),
                        KeysGrpc.getServiceDescriptor(),
                        ReleaseGrpc.getServiceDescriptor(),
                        AuditGrpc.getServiceDescriptor(),
                        ApprovalsGrpc.getServiceDescriptor(),
                        OwnKeysGrpc.getServiceDescriptor(),
                        GuardsGrpc.getServiceDescriptor(),
                        DecoysGrpc.getServiceDescriptor(),
                        AdminGrpc.getServiceDescriptor()));
    }

    static Stream<AnyRpc> nodeRpcs() {
        return AnyRpc.of(
                List.of(
                        GRPCInferenceServiceGrpc.getServiceDescriptor(),
                        NodeEvidenceGrpc.getServiceDescriptor(),
                        HealthGrpc.getServiceDescriptor()));
    }

    @Test
    void noServiceOfTheProtoFilesIsLeftOut() {
        Set<String> inFiles =
                FILES.stream()
                        .flatMap(file -> file.getServices().stream())
                        .flatMap(service -> service.getMethods().stream())
                        .map(method -> method.getService().getName() + "/" + method.getName())
                        .collect(Collectors.toSet());
        assertThat(Stream.concat(vaultRpcs(), nodeRpcs()).map(AnyRpc::name))
                .containsExactlyInAnyOrderElementsOf(inFiles);
    }

    @ParameterizedTest
    @MethodSource("vaultRpcs")
    void theVaultRefusesStrangers(AnyRpc rpc) throws Exception {
        refusedAtTheDoor(rpc, anonymous(vault()));
        refusedAtTheDoor(rpc, caller(identities.expired(), vault()));
    }

    @ParameterizedTest
    @MethodSource("nodeRpcs")
    void theNodeRefusesStrangers(AnyRpc rpc) throws Exception {
        refusedAtTheDoor(rpc, anonymous(node()));
        refusedAtTheDoor(rpc, caller(identities.expired(), node()));
    }

    /** So it is for the date alone that they refuse the other one. */
    @Test
    void bothLetInTheSameIdentityInItsTime() throws Exception {
        Caller atVault = caller(identities.valid(), vault());
        AuditGrpc.newBlockingStub(atVault.channel())
                .getCheckpoint(GetCheckpointRequest.getDefaultInstance());
        Caller atNode = caller(identities.valid(), node());
        GRPCInferenceServiceGrpc.newBlockingStub(atNode.channel())
                .serverLive(ServerLiveRequest.getDefaultInstance());
    }

    /** TLS ends the connection: no service sees the call. */
    private static void refusedAtTheDoor(AnyRpc rpc, Caller caller) {
        Throwable error = catchThrowable(() -> rpc.call(caller.channel(), about(rpc)));
        assertThat(error).isInstanceOf(StatusRuntimeException.class);
        assertThat(((StatusRuntimeException) error).getStatus().getCode())
                .isIn(Status.Code.UNAVAILABLE, Status.Code.UNAUTHENTICATED);
    }

    @ParameterizedTest
    @MethodSource("vaultRpcs")
    void theVaultRefusesTheWrongRole(AnyRpc rpc) throws Exception {
        if (!FOR_EVERY_ROLE.contains(rpc.name())) {
            refuses(rpc, caller(world.acme().consumer(), vault()), "ROLE_DENIED");
        }
    }

    @ParameterizedTest
    @MethodSource("nodeRpcs")
    void theNodeRefusesTheWrongRole(AnyRpc rpc) throws Exception {
        refuses(rpc, caller(world.acme().node(), node()), "ROLE_DENIED");
        refuses(rpc, caller(world.operator(), node()), "ROLE_DENIED");
        refuses(rpc, caller(world.auditor(), node()), "ROLE_DENIED");
    }

    @ParameterizedTest
    @MethodSource("vaultRpcs")
    void theVaultRefusesAnotherTenant(AnyRpc rpc) throws Exception {
        if (rpc.namesATenant()) {
            Refused refused = refusal(rpc, caller(other, vault()));
            assertThat(refused.code()).isEqualTo(Status.Code.PERMISSION_DENIED);
            assertThat(refused.info().getReason()).isIn("TENANT_DENIED", "ROLE_DENIED");
        }
    }

    @ParameterizedTest
    @MethodSource("nodeRpcs")
    void theNodeRefusesAnotherTenant(AnyRpc rpc) throws Exception {
        refuses(rpc, caller(other, node()), "TENANT_DENIED");
    }

    private static void refuses(AnyRpc rpc, Caller caller, String reason) {
        refusal(rpc, caller).with(Status.Code.PERMISSION_DENIED, reason);
    }

    private static Refused refusal(AnyRpc rpc, Caller caller) {
        return Refused.by(() -> rpc.call(caller.channel(), about(rpc)));
    }

    private static Message about(AnyRpc rpc) {
        return rpc.about("acme", world.model().toString());
    }

    @Test
    void theVaultsHttpHasNoRouteButHealthAndMetrics() throws Exception {
        assertThat(status("GET", "/healthz")).isEqualTo(200);
        assertThat(status("GET", "/metrics")).isEqualTo(200);
        for (String path :
                List.of("/", "/index.html", "/healthz/..", "/metrics/x", "/v2", "/%2e")) {
            assertThat(status("GET", path)).as(path).isIn(404, 400);
        }
        for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE")) {
            assertThat(status(method, "/metrics")).as(method).isEqualTo(404);
        }
    }

    private static int status(String method, String path) throws Exception {
        URI uri = URI.create("http://" + world.vault().field("http") + path);
        try (var http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(uri)
                                    .method(method, HttpRequest.BodyPublishers.noBody())
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    private static String vault() {
        return world.vault().field("grpc");
    }

    private static String node() {
        return world.node().field("grpc");
    }

    private static Caller anonymous(String address) throws Exception {
        return kept(Caller.anonymous(world.operator(), address));
    }

    private static Caller caller(Path context, String address) throws Exception {
        return kept(Caller.of(context, address));
    }

    private static Caller kept(Caller caller) {
        CALLERS.add(caller);
        return caller;
    }
}
