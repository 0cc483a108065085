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
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
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
 * one of the rule's roles, its issuer still counts, its key was not withdrawn, and the tenant that
 * the request names is the principal's. The TLS layer has checked chain and dates when the
 * connection began, which may be long ago.
 *
 * <p>Thread-safe.
 */
public final class AccessInterceptor implements ServerInterceptor {
    private static final int SAN_URI = 6; // RFC 5280, GeneralName uniformResourceIdentifier

    private final IssuedKeys keys;
    private final Supplier<List<X509Certificate>> authorities;

    /**
     * @param authorities whose certificates count now; CAs of different keys have different names
     */
    public AccessInterceptor(IssuedKeys keys, Supplier<List<X509Certificate>> authorities) {
        this.keys = keys;
        this.authorities = authorities;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        try {
            String method = call.getMethodDescriptor().getFullMethodName();
            AccessRule rule = ruleOf(method);
            X509Certificate certificate = certificateOf(call);
            requireIssuer(certificate.getIssuerX500Principal());
            Principal principal = admitted(certificate, rule.standing());
            requireRole(rule, principal);
            ServerCall.Listener<Q> listener =
                    Contexts.interceptCall(
                            Context.current()
                                    .withValue(Principal.CURRENT, principal)
                                    .withValue(
                                            Principal.ISSUER, certificate.getIssuerX500Principal()),
                            call,
                            headers,
                            next);
            return switch (rule.scope()) {
                case Scope.Named named -> new TenantGate<>(listener, call, named, principal);
                case Scope.OwnView _, Scope.Signed _ -> listener;
            };
        } catch (RefusedException e) {
            call.close(Status.UNKNOWN.withCause(e), new Metadata());
            return new ServerCall.Listener<>() {};
        }
    }

    private static AccessRule ruleOf(String method) throws RefusedException {
        return AccessTable.ruleOf(method)
                .orElseThrow(() ->
                        new RefusedException(
                                Reason.NO_RULE, "no rule lets anybody call " + method));
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

    private Principal admitted(X509Certificate certificate, Standing standing)
            throws RefusedException {
        Optional<Principal> principal = principalOf(certificate);
        if (principal.isPresent()) {
            if (standing == Standing.GOOD) {
                requireNotWithdrawn(certificate);
            }
            return principal.get();
        }
        throw new RefusedException(
                Reason.CERTIFICATE_UNKNOWN,
                "the client certificate names no identity of this vault; ask an operator to issue"
                        + " one: strongroom identity create");
    }

    private void requireNotWithdrawn(X509Certificate certificate) throws RefusedException {
        if (keys.isWithdrawn(Digest.sha256(certificate.getPublicKey().getEncoded()))) {
            throw new RefusedException(
                    Reason.CERTIFICATE_WITHDRAWN,
                    "the client certificate was withdrawn; ask an operator for another one:"
                            + " strongroom identity create");
        }
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

    /** Compares the tenant that each message names before the service sees it. */
    private static final class TenantGate<Q, A> extends SimpleForwardingServerCallListener<Q> {
        private final ServerCall<Q, A> call;
        private final Scope.Named scope;
        private final Principal principal;
        private boolean refused;

        TenantGate(
                ServerCall.Listener<Q> listener,
                ServerCall<Q, A> call,
                Scope.Named scope,
                Principal principal) {
            super(listener);
            this.call = call;
            this.scope = scope;
            this.principal = principal;
        }

        @Override
        public void onMessage(Q message) {
            if (refused) {
                return;
            }
            try {
                Optional<String> tenant = scope.tenant().apply((Message) message);
                if (tenant.isPresent()) {
                    principal.requireTenant(tenant.get());
                }
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
