package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference;
import java.time.Instant;
import java.util.Optional;

/**
 * A policy document that the owner signed. Only {@link PolicyDocument#verify} makes one.
 *
 * <p>Immutable and thread-safe.
 */
public final class VerifiedPolicy {
    private final PolicyDocument document;
    private final Digest digest;

    VerifiedPolicy(PolicyDocument document, Digest digest) {
        this.document = document;
        this.digest = digest;
    }

    public PolicyDocument document() {
        return document;
    }

    /** Kind, id, revision and the digest of the signed payload. */
    public PolicyReference reference() {
        return new PolicyReference(document.kind(), document.id(), document.seq(), digest);
    }

    /**
     * Why the document does not rule a version that demands a policy; empty when it does.
     *
     * @param kind what the version needs ruled
     * @param model the version's model
     */
    public Optional<String> objection(
            PolicyReference.Kind kind, ModelName model, PolicyDemand demand, Instant now) {
        if (document.kind() != kind) {
            return Optional.of("policy: expected kind " + kind + ", got " + document.kind());
        }
        if (!document.scope().equals(model)) {
            return Optional.of("policy: expected scope " + model + ", got " + document.scope());
        }
        if (!document.id().equals(demand.id())) {
            return Optional.of("policy: expected id " + demand.id() + ", got " + document.id());
        }
        if (document.seq() < demand.minSeq()) {
            return Optional.of(
                    "policy: expected revision "
                            + demand.minSeq()
                            + " or later, got "
                            + document.seq());
        }
        if (now.isAfter(document.notAfter())) {
            return Optional.of("policy: expired at " + document.notAfter());
        }
        return Optional.empty();
    }
}
