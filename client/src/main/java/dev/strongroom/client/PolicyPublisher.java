package dev.strongroom.client;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.policy.ApproverSet;
import dev.strongroom.attestation.policy.PolicyFormatException;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.attestation.policy.WitnessSet;
import dev.strongroom.crypto.format.Change;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.PolicyApproval;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.format.VerifiedPolicy;
import dev.strongroom.crypto.output.OutputFormatException;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import dev.strongroom.proto.v1.SetPolicyRequest;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Signs policies with the owner root and sets them at the vault, each following the revision in
 * force. Not thread-safe.
 */
public final class PolicyPublisher {
    /** People need days to answer; what nobody answered in a week is asked again. */
    private static final Duration APPROVAL_TIME = Duration.ofDays(7);

    private static final String EXAMPLE =
            "write a complete one with: strongroom policy new --tee sev-snp --measurement HEX …";

    private final VaultConnection vault;
    private final Digest pin;
    private final TrustAnchors anchors;
    private final InstantSource clock;
    private final SecureRandom random;

    public PolicyPublisher(
            VaultConnection vault,
            Digest pin,
            TrustAnchors anchors,
            InstantSource clock,
            SecureRandom random) {
        this.vault = vault;
        this.pin = pin;
        this.anchors = anchors;
        this.clock = clock;
        this.random = random;
    }

    /**
     * What came of a policy.
     *
     * <p>Either it is in force, or others have to agree first.
     */
    public sealed interface Outcome {
        PolicyReference policy();

        /** In force, its log entry verified. */
        record InForce(PolicyReference policy) implements Outcome {}

        /**
         * Not in force: the revision waits for approvals.
         *
         * @param demands every one of these sets must agree
         * @param request what approvers answer; empty when nobody was asked
         */
        record Awaiting(PolicyReference policy, List<ApproverSet> demands, Optional<String> request)
                implements Outcome {
            public Awaiting {
                demands = List.copyOf(demands);
            }
        }
    }

    /** How far to go. */
    public enum Step {
        /** Set the revision, or ask for approvals where it needs some. */
        DO,
        /** Only say what would come of it; nothing is sent. */
        PREVIEW
    }

    /**
     * Sets the next revision of a policy, or asks its approvers where it needs them: once they
     * agreed, {@link #setApproved} sets it. When it fails the revision may be in force all the
     * same; done again, it signs another one with a number above.
     *
     * @param body the rules; checked against the grammar of its kind first
     * @throws ClientException of kind VERIFICATION_FAILED when a revision that was signed here
     *     named approvers who would not be asked about this one, since the vault shows another or
     *     none
     */
    public Outcome set(
            PolicyReference.Kind kind, ModelName model, byte[] body, Duration valid, Step step)
            throws ClientException, IOException {
        switch (kind) {
            case RELEASE -> requireGrammar(body);
            case OUTPUT -> requireOutputGrammar(body);
        }
        OwnerKey owner = OwnerKey.load(vault.profile());
        Optional<VerifiedPolicy> current = inForce(kind, model, owner);
        PolicyDocument first =
                PolicyDocument.first(owner.keyId(), kind, model, clock.instant().plus(valid), body);
        var numbers = new PolicyNumbers(vault.profile());
        PolicyDocument next = numbers.next(current.map(first::following).orElse(first));
        List<ApproverSet> demands =
                Checks.verified(
                        "the policy in force",
                        "strongroom policy show " + model,
                        () -> PolicyApproval.demands(current.map(VerifiedPolicy::document), next));
        numbers.requireApproversKept(next, demands);
        if (demands.isEmpty()) {
            return new Outcome.InForce(step == Step.PREVIEW ? reference(next) : send(next, owner));
        }
        return new Outcome.Awaiting(
                reference(next),
                demands,
                step == Step.PREVIEW ? Optional.empty() : Optional.of(ask(next, owner)));
    }

    private String ask(PolicyDocument next, OwnerKey owner) throws ClientException, IOException {
        return new ApprovalRequests(vault, pin, anchors, clock, random)
                .ask(Change.of(next), next.encode(), owner, APPROVAL_TIME)
                .id();
    }

    /**
     * Sets the revision that approvers agreed to. When it fails it may be in force all the same;
     * done again, it sends the very same revision.
     *
     * @param request the id that {@link #set} answered
     * @throws ClientException of kind CONFLICT when another revision of its number or a later one
     *     was signed since
     */
    public PolicyReference setApproved(ModelName model, String request)
            throws ClientException, IOException {
        OwnerKey owner = OwnerKey.load(vault.profile());
        ApprovalRequests.Shown shown =
                new ApprovalRequests(vault, pin, anchors, clock, random).show(request);
        PolicyDocument approved =
                Checks.verified(
                        "the document of request " + request,
                        "ask for approval again: strongroom policy set",
                        () -> PolicyDocument.decode(shown.document()));
        Checks.require(
                shown.request().requester().equals(owner.keyId())
                        && shown.request().change().equals(Change.of(approved))
                        && approved.scope().equals(model),
                "request " + request + " is not this owner's for a policy of " + model,
                "strongroom approvals show " + request);
        return send(approved, owner);
    }

    private static PolicyReference reference(PolicyDocument document) {
        return new PolicyReference(
                document.kind(), document.id(), document.seq(), document.digest());
    }

    private PolicyReference send(PolicyDocument document, OwnerKey owner)
            throws ClientException, IOException {
        VaultIdentity identity = vault.identify(pin, anchors);
        // Whatever the vault answers, it has this revision from now on.
        new PolicyNumbers(vault.profile()).sign(document);
        Dsse signed = owner.sign(document::sign);
        VerifiedPolicy policy =
                Checks.verified(
                        "the policy just signed",
                        "restore the owner key from one backup",
                        () -> PolicyDocument.verify(signed, owner.keyId(), owner.spki()));
        var response =
                vault.models()
                        .setPolicy(
                                SetPolicyRequest.newBuilder()
                                        .setDocument(ByteString.copyFrom(signed.encode()))
                                        .build());
        new LogMemory(vault.profile())
                .requireLogged(
                        response.getProof(),
                        identity,
                        vault,
                        record -> LogLeaf.isSetting(record, policy),
                        "this policy",
                        "strongroom policy show " + document.scope());
        new PolicyMemory(vault.profile()).accept(policy);
        return policy.reference();
    }

    /** True when the vault has a policy of this kind for the model. */
    public boolean isSet(PolicyReference.Kind kind, ModelName model)
            throws ClientException, IOException {
        return inForce(kind, model, OwnerKey.load(vault.profile())).isPresent();
    }

    private Optional<VerifiedPolicy> inForce(
            PolicyReference.Kind kind, ModelName model, OwnerKey owner)
            throws ClientException, IOException {
        Policies policies = Policies.fetch(vault, model, owner.keyId(), owner.spki());
        return switch (kind) {
            case RELEASE -> policies.release();
            case OUTPUT -> policies.output();
        };
    }

    private static void requireGrammar(byte[] body) throws ClientException {
        try {
            Optional<WitnessSet> witnesses = ReleasePolicy.parse(body).witnesses();
            if (witnesses.isPresent()) {
                WitnessQuorum.of(witnesses.get().threshold(), witnesses.get().keys());
            }
        } catch (PolicyFormatException | SealedFormatException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL,
                    "the release policy is not accepted: " + e.getMessage(),
                    EXAMPLE,
                    e);
        }
    }

    private static void requireOutputGrammar(byte[] body) throws ClientException {
        try {
            OutputPolicy.parse(body);
        } catch (OutputFormatException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL,
                    "the output policy is not accepted: " + e.getMessage(),
                    "write a complete one with: strongroom policy new-output --out FILE",
                    e);
        }
    }
}
