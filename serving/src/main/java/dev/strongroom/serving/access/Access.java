package dev.strongroom.serving.access;

import dev.strongroom.attestation.Digest;
import dev.strongroom.proto.health.HealthGrpc;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.reflection.ServerReflectionGrpc;
import dev.strongroom.proto.v1.NodeEvidenceGrpc;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.RefusedException;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Decides from the verified client certificate who may call what. A method without a rule is
 * refused to everybody.
 *
 * <p>Thread-safe.
 */
public final class Access {
    private static final Set<String> CLIENTS = Set.of("consumer", "owner");
    private static final Map<String, Set<String>> RULES =
            rules(
                    GRPCInferenceServiceGrpc.getServerLiveMethod(),
                    GRPCInferenceServiceGrpc.getServerReadyMethod(),
                    GRPCInferenceServiceGrpc.getServerMetadataMethod(),
                    GRPCInferenceServiceGrpc.getModelReadyMethod(),
                    GRPCInferenceServiceGrpc.getModelMetadataMethod(),
                    GRPCInferenceServiceGrpc.getModelInferMethod(),
                    GRPCInferenceServiceGrpc.getModelStreamInferMethod(),
                    GRPCInferenceServiceGrpc.getModelConfigMethod(),
                    GRPCInferenceServiceGrpc.getModelStatisticsMethod(),
                    GRPCInferenceServiceGrpc.getRepositoryIndexMethod(),
                    GRPCInferenceServiceGrpc.getRepositoryModelLoadMethod(),
                    GRPCInferenceServiceGrpc.getRepositoryModelUnloadMethod(),
                    NodeEvidenceGrpc.getGetEvidenceMethod(),
                    NodeEvidenceGrpc.getGetStandingMethod(),
                    HealthGrpc.getCheckMethod(),
                    HealthGrpc.getWatchMethod(),
                    ServerReflectionGrpc.getServerReflectionInfoMethod());

    /** What they say of models needs no lease, which whoever computes has to have. */
    private static final Set<String> DESCRIBING =
            Stream.of(
                            GRPCInferenceServiceGrpc.getModelReadyMethod(),
                            GRPCInferenceServiceGrpc.getModelMetadataMethod(),
                            GRPCInferenceServiceGrpc.getModelConfigMethod(),
                            GRPCInferenceServiceGrpc.getModelStatisticsMethod(),
                            GRPCInferenceServiceGrpc.getRepositoryIndexMethod())
                    .map(MethodDescriptor::getFullMethodName)
                    .collect(Collectors.toUnmodifiableSet());

    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

    private final Set<String> tenants;
    private final WithdrawnKeys withdrawn;

    /**
     * @param tenants whose models this node serves
     * @param withdrawn client keys that count no more
     */
    Access(Set<String> tenants, WithdrawnKeys withdrawn) {
        this.tenants = Set.copyOf(tenants);
        this.withdrawn = withdrawn;
    }

    /**
     * Who may call the method.
     *
     * @param method full name of the gRPC method, whichever transport the call came over
     */
    public Caller judge(String method, Peer peer) throws RefusedException {
        Digest key =
                peer.key()
                        .orElseThrow(() ->
                                new RefusedException(
                                        Status.Code.UNAUTHENTICATED,
                                        "CERTIFICATE_REQUIRED",
                                        "a client certificate of this vault is required"));
        Caller caller =
                peer.caller()
                        .orElseThrow(() ->
                                new RefusedException(
                                        Status.Code.UNAUTHENTICATED,
                                        "CERTIFICATE_UNKNOWN",
                                        "the client certificate names no identity of this vault"));
        if (withdrawn.refuses(key, caller)) {
            throw new RefusedException(
                    Status.Code.UNAUTHENTICATED,
                    "CERTIFICATE_WITHDRAWN",
                    "the client certificate was withdrawn; ask an operator of the vault for another");
        }
        requireAdmitted(peer, caller);
        requireRule(method, caller);
        requireKnown(method, caller);
        return caller;
    }

    /** Somebody whose certificate was withdrawn would not be known. */
    private void requireKnown(String method, Caller caller) throws RefusedException {
        if (DESCRIBING.contains(method) && !withdrawn.areKnownOf(caller.tenant())) {
            throw RefusedException.later(
                    "NO_LEASE",
                    "this node has no lease of your tenant's, so nobody tells it which certificates"
                            + " count no more; try again later",
                    RETRY_AFTER);
        }
    }

    private static void requireAdmitted(Peer peer, Caller caller) throws RefusedException {
        switch (peer.admitted()) {
            case YES -> {}
            case ADDRESS_DENIED ->
                    throw denied(
                            "ADDRESS_DENIED",
                            "the model's output policy takes no calls from this address");
            case TOO_MANY ->
                    throw new RefusedException(
                            Status.Code.RESOURCE_EXHAUSTED,
                            "TOO_MANY_SESSIONS",
                            caller.identity() + " has as many connections as it may; use those");
        }
    }

    private void requireRule(String method, Caller caller) throws RefusedException {
        Set<String> roles = RULES.get(method);
        if (roles == null) {
            throw denied("NO_RULE", "nobody may call this method");
        }
        if (!roles.contains(caller.role())) {
            throw denied(
                    "ROLE_DENIED",
                    "role " + caller.role() + " may not call this; expected: " + allowed(roles));
        }
        if (!tenants.contains(caller.tenant())) {
            throw denied("TENANT_DENIED", "this node serves another tenant than the certificate's");
        }
    }

    private static String allowed(Set<String> roles) {
        return String.join(" or ", new TreeSet<>(roles));
    }

    private static RefusedException denied(String reason, String message) {
        return new RefusedException(Status.Code.PERMISSION_DENIED, reason, message);
    }

    private static Map<String, Set<String>> rules(MethodDescriptor<?, ?>... methods) {
        return Stream.of(methods)
                .collect(
                        Collectors.toUnmodifiableMap(
                                MethodDescriptor::getFullMethodName, _ -> CLIENTS));
    }
}
