package dev.strongroom.vault.access;

import com.google.protobuf.Message;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Who may call one RPC.
 *
 * @param roles the roles that may
 * @param scope which tenants' data the RPC touches
 * @param standing of the certificate
 */
record AccessRule(Set<AccessRole> roles, Scope scope, Standing standing) {
    AccessRule {
        roles = Set.copyOf(roles);
    }

    /** Whether a certificate that was withdrawn still lets its holder in. */
    enum Standing {
        GOOD,
        /** For what a node has to hear and to say when its certificate was withdrawn. */
        WITHDRAWN_TOO
    }

    /** How an RPC's data is bound to the caller's tenant. */
    sealed interface Scope {
        /** Nothing of a tenant, or only what the caller's own tenant may see of a list. */
        record OwnView() implements Scope {}

        /** The request names the tenant outright; the interceptor compares. */
        record Named(Function<Message, Optional<String>> tenant) implements Scope {}

        /** The tenant is inside a signed document: the service compares once it has parsed it. */
        record Signed() implements Scope {}
    }
}
