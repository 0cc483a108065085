package dev.strongroom.vault.access;

import com.google.protobuf.Message;
import dev.strongroom.attestation.Digest;
import dev.strongroom.vault.access.AccessRule.Scope;
import dev.strongroom.vault.access.AccessRule.Standing;
import dev.strongroom.vault.audit.IssuedKeys;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.security.auth.x500.X500Principal;

/**
 * Lets a call through only when its method has a rule, its TLS certificate names a principal with
 * one of the rule's roles, its issuer still counts, its key was not withdrawn, the tenant that the
 * request names is the principal's, and the request says nothing that this vault does not know. The
 * TLS layer has checked chain and dates when the connection began, which may be long ago.
 *
 * <p>Thread-safe.
 */
public final class AccessInterceptor implements ServerInterceptor {
    private static final int SAN_URI = 6; // RFC 5280, GeneralName uniformResourceIdentifier

    private final IssuedKeys keys;
    private final Supplier<List<X509Certificate>> authorities;
    private final Tripwires tripwires;

    /**
     * @param authorities whose certificates count now; CAs of different keys have different names
     */
    public AccessInterceptor(
            IssuedKeys keys, Supplier<List<X509Certificate>> authorities, Tripwires tripwires) {
        this.keys = keys;
        this.authorities = authorities;
        this.tripwires = tripwires;
    }

    /** Whether a service has this method. */
    public static boolean knows(String method) {
        return AccessTable.ruleOf(method).isPresent();
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        try {
            AccessRule rule = ruleOf(call.getMethodDescriptor());
            X509Certificate certificate = certificateOf(call);
            requireIssuer(certificate.getIssuerX500Principal());
            Visitor visitor = visitor(call, certificate);
            if (rule.standing() == Standing.GOOD) {
                requireNotWithdrawn(visitor);
            }
            if (UnknownMethods.contains(call.getMethodDescriptor())) {
                tripwires.askedForNothing(visitor);
            }
            Principal principal = visitor.principal();
            requireRole(rule, principal);
            ServerCall.Listener<Q> listener =
                    Contexts.interceptCall(
                            Context.current()
                                    .withValue(Principal.CURRENT, principal)
                                    .withValue(Principal.KEY, visitor.key())
                                    .withValue(
                                            Principal.ISSUER, certificate.getIssuerX500Principal()),
                            call,
                            headers,
                            next);
            return new RequestGate<>(listener, call, request -> check(rule, visitor, request));
        } catch (RefusedException e) {
            call.close(Status.UNKNOWN.withCause(e), new Metadata());
            return new ServerCall.Listener<>() {};
        }
    }

    private static AccessRule ruleOf(MethodDescriptor<?, ?> method) throws RefusedException {
        if (UnknownMethods.contains(method)) {
            return AccessTable.UNKNOWN_METHOD;
        }
        return AccessTable.ruleOf(method.getFullMethodName())
                .orElseThrow(() ->
                        new RefusedException(
                                Reason.NO_RULE,
                                "no rule lets anybody call " + method.getFullMethodName()));
    }

    private void check(AccessRule rule, Visitor visitor, Message request) throws RefusedException {
        if (rule.scope() instanceof Scope.Named(var tenantOf)) {
            Optional<String> tenant = tenantOf.apply(request);
            if (tenant.isPresent()) {
                visitor.principal().requireTenant(tenant.get());
            }
        }
        if (!tripwires.permits(visitor, request) && rule.standing() == Standing.GOOD) {
            throw withdrawn();
        }
        UnknownFields.refuse(request);
    }

    private static void requireRole(AccessRule rule, Principal principal) throws RefusedException {
        if (!rule.roles().contains(principal.role())) {
            throw new RefusedException(
                    Reason.ROLE_DENIED,
                    "role "
                            + principal.role().label()
                            + " may not do this; it takes one of "
                            + rule.roles().stream().map(AccessRole::label).sorted().toList());
        }
    }

    private static X509Certificate certificateOf(ServerCall<?, ?> call) throws RefusedException {
        SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        try {
            if (session != null
                    && session.getPeerCertificates()[0] instanceof X509Certificate certificate) {
                return certificate;
            }
        } catch (SSLPeerUnverifiedException e) {
            throw certificateRequired();
        }
        throw certificateRequired();
    }

    private void requireIssuer(X500Principal issuer) throws RefusedException {
        if (authorities.get().stream()
                .noneMatch(authority -> authority.getSubjectX500Principal().equals(issuer))) {
            throw new RefusedException(
                    Reason.CERTIFICATE_UNKNOWN,
                    "the CA that issued the client certificate was retired; ask an operator to"
                            + " issue another one: strongroom identity create");
        }
    }

    private static Visitor visitor(ServerCall<?, ?> call, X509Certificate certificate)
            throws RefusedException {
        Principal principal =
                principalOf(certificate)
                        .orElseThrow(() ->
                                new RefusedException(
                                        Reason.CERTIFICATE_UNKNOWN,
                                        "the client certificate names no identity of this vault;"
                                                + " ask an operator to issue one: strongroom"
                                                + " identity create"));
        return new Visitor(
                principal,
                Digest.sha256(certificate.getPublicKey().getEncoded()),
                sourceOf(call),
                call.getMethodDescriptor().getFullMethodName());
    }

    private static String sourceOf(ServerCall<?, ?> call) {
        return call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)
                                instanceof InetSocketAddress address
                        && address.getAddress() != null
                ? address.getAddress().getHostAddress()
                : "";
    }

    /** Who is in quarantine hears the same, so that he does not learn what he touched. */
    private void requireNotWithdrawn(Visitor visitor) throws RefusedException {
        if (keys.isWithdrawn(visitor.key()) || tripwires.keepsOut(visitor)) {
            throw withdrawn();
        }
    }

    private static RefusedException withdrawn() {
        return new RefusedException(
                Reason.CERTIFICATE_WITHDRAWN,
                "the client certificate was withdrawn; ask an operator for another one:"
                        + " strongroom identity create");
    }

    /** The principal of a certificate; empty unless it has exactly one SAN URI, one of ours. */
    static Optional<Principal> principalOf(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            if (names == null || names.size() != 1) {
                return Optional.empty();
            }
            List<?> name = names.iterator().next();
            return name.get(0) instanceof Integer type
                            && type == SAN_URI
                            && name.get(1) instanceof String uri
                    ? Principal.ofUri(uri)
                    : Optional.empty();
        } catch (CertificateParsingException e) {
            return Optional.empty();
        }
    }

    private static RefusedException certificateRequired() {
        return new RefusedException(
                Reason.CERTIFICATE_REQUIRED, "a client certificate of this vault is required");
    }

    /** What each request must meet before the service sees it. */
    private interface Check {
        void on(Message request) throws RefusedException;
    }

    /** Ends a call at the first request that may not pass. */
    private static final class RequestGate<Q, A> extends SimpleForwardingServerCallListener<Q> {
        private final ServerCall<Q, A> call;
        private final Check check;
        private boolean refused;

        RequestGate(ServerCall.Listener<Q> listener, ServerCall<Q, A> call, Check check) {
            super(listener);
            this.call = call;
            this.check = check;
        }

        @Override
        public void onMessage(Q message) {
            if (refused) {
                return;
            }
            try {
                check.on((Message) message);
            } catch (RefusedException e) {
                refused = true;
                super.onCancel(); // the service lets go of what earlier messages opened
                call.close(Status.UNKNOWN.withCause(e), new Metadata());
                return;
            }
            super.onMessage(message);
        }

        @Override
        public void onHalfClose() {
            if (!refused) {
                super.onHalfClose();
            }
        }

        @Override
        public void onCancel() {
            if (!refused) {
                super.onCancel();
            }
        }

        @Override
        public void onComplete() {
            if (!refused) {
                super.onComplete();
            }
        }

        @Override
        public void onReady() {
            if (!refused) {
                super.onReady();
            }
        }
    }
}
