package dev.strongroom.serving.rpc;

import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.v1.NodeEvidenceGrpc;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * Decides from the verified client certificate who may call what. A method without a rule is
 * refused to everybody.
 *
 * <p>Thread-safe.
 */
final class AccessInterceptor implements ServerInterceptor {
    private static final Set<String> CLIENTS = Set.of("consumer", "owner");
    private static final Map<String, Set<String>> RULES =
            Map.of(
                    name(GRPCInferenceServiceGrpc.getServerLiveMethod()), CLIENTS,
                    name(GRPCInferenceServiceGrpc.getServerReadyMethod()), CLIENTS,
                    name(GRPCInferenceServiceGrpc.getServerMetadataMethod()), CLIENTS,
                    name(GRPCInferenceServiceGrpc.getModelReadyMethod()), CLIENTS,
                    name(GRPCInferenceServiceGrpc.getModelMetadataMethod()), CLIENTS,
                    name(GRPCInferenceServiceGrpc.getModelInferMethod()), CLIENTS,
                    name(NodeEvidenceGrpc.getGetEvidenceMethod()), CLIENTS);

    private final String tenant;
    private final WithdrawnKeys withdrawn;

    /**
     * @param tenant whose model this node serves
     * @param withdrawn client keys that count no more
     */
    AccessInterceptor(String tenant, WithdrawnKeys withdrawn) {
        this.tenant = tenant;
        this.withdrawn = withdrawn;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Optional<RefusedException> refusal =
                judge(call.getMethodDescriptor().getFullMethodName(), peer(call));
        if (refusal.isEmpty()) {
            return next.startCall(call, headers);
        }
        StatusRuntimeException status = refusal.get().status();
        Metadata trailers = Optional.ofNullable(status.getTrailers()).orElseGet(Metadata::new);
        call.close(status.getStatus(), trailers);
        return new ServerCall.Listener<>() {};
    }

    /** Empty when the peer may call the method. */
    Optional<RefusedException> judge(String method, Optional<X509Certificate> certificate) {
        if (certificate.isEmpty()) {
            return refused(
                    Status.Code.UNAUTHENTICATED,
                    "CERTIFICATE_REQUIRED",
                    "a client certificate of this vault is required");
        }
        Optional<PeerIdentity> peer = PeerIdentity.of(certificate.get());
        if (peer.isEmpty()) {
            return refused(
                    Status.Code.UNAUTHENTICATED,
                    "CERTIFICATE_UNKNOWN",
                    "the client certificate names no identity of this vault");
        }
        if (withdrawn.has(certificate.get())) {
            return refused(
                    Status.Code.UNAUTHENTICATED,
                    "CERTIFICATE_WITHDRAWN",
                    "the client certificate was withdrawn; ask an operator of the vault for another");
        }
        Set<String> roles = RULES.get(method);
        if (roles == null) {
            return refused(Status.Code.PERMISSION_DENIED, "NO_RULE", "nobody may call this method");
        }
        if (!roles.contains(peer.get().role())) {
            return refused(
                    Status.Code.PERMISSION_DENIED,
                    "ROLE_DENIED",
                    "role " + peer.get().role() + " may not call this; consumer or owner may");
        }
        if (!peer.get().tenant().equals(tenant)) {
            return refused(
                    Status.Code.PERMISSION_DENIED,
                    "TENANT_DENIED",
                    "this node serves another tenant than the certificate's");
        }
        return Optional.empty();
    }

    private static Optional<RefusedException> refused(
            Status.Code code, String reason, String message) {
        return Optional.of(new RefusedException(code, reason, message));
    }

    private static Optional<X509Certificate> peer(ServerCall<?, ?> call) {
        SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        if (session == null) {
            return Optional.empty();
        }
        try {
            Certificate leaf = session.getPeerCertificates()[0];
            return leaf instanceof X509Certificate x509 ? Optional.of(x509) : Optional.empty();
        } catch (SSLPeerUnverifiedException anonymous) {
            return Optional.empty();
        }
    }

    private static String name(MethodDescriptor<?, ?> method) {
        return method.getFullMethodName();
    }
}
