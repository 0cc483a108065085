package dev.strongroom.agent;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Attested;
import dev.strongroom.attestation.Challenge;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.PartKey;
import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.Verdict;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.attestation.policy.PolicyFormatException;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.PolicyChain;
import dev.strongroom.crypto.format.PolicyDemand;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VerifiedPolicy;
import dev.strongroom.proto.v1.PolicyRevision;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Judges what a node shows, by the owner's signatures and its evidence alone. The vault is asked
 * for nothing and believed in nothing.
 *
 * <p>Thread-safe; changes nothing.
 */
final class Appraiser {
    private final Digest agent;
    private final Digest owner;
    private final EvidenceVerifier verifier;
    private final InstantSource clock;

    /** What held. */
    record Good(
            VerifiedManifest manifest,
            PolicyChain releases,
            VerifiedPolicy output,
            Attested<PartKey> node) {}

    Appraiser(Digest agent, Digest owner, EvidenceVerifier verifier, InstantSource clock) {
        this.agent = agent;
        this.owner = owner;
        this.verifier = verifier;
        this.clock = clock;
    }

    Good appraise(PartRequest request, Instant nonceNotAfter) throws Refusal {
        VerifiedManifest manifest = manifest(request.manifest());
        PolicyChain releases = releases(request, manifest);
        VerifiedPolicy output = output(request, manifest);
        ContentStatement content = manifest.content();
        requireRules(releases.inForce(), Kind.RELEASE, content, content.releasePolicy());
        requireRules(output, Kind.OUTPUT, content, content.outputPolicy());
        if (!NodeKey.isUsable(request.kemSpki())) {
            throw new Refusal("kem.key", "expected an RSA-3072 key with exponent 65537");
        }
        Transcript expected = transcript(request, manifest, releases.inForce(), output);
        return new Good(
                manifest,
                releases,
                output,
                attested(request, expected, nonceNotAfter, releases.inForce()));
    }

    /** Of epoch 0: no node seals a split version anew. */
    private VerifiedManifest manifest(byte[] encoded) throws Refusal {
        VerifiedManifest manifest;
        try {
            manifest = Manifest.decode(encoded).verify(owner);
        } catch (SealedFormatException e) {
            throw new Refusal("manifest.owner", e);
        }
        Optional<Digest> named = manifest.content().agent();
        if (named.isEmpty()) {
            throw new Refusal("manifest.split", "the version is not split");
        }
        if (!named.get().equals(agent)) {
            throw new Refusal("manifest.agent", "the version names another agent");
        }
        return manifest;
    }

    private PolicyChain releases(PartRequest request, VerifiedManifest manifest) throws Refusal {
        if (request.policies().getReleaseBeforeCount() > PolicyChain.MAX_BEFORE) {
            throw new Refusal("policy.owner", "more revisions than " + PolicyChain.MAX_BEFORE);
        }
        var revisions = new ArrayList<PolicyChain.Revision>();
        for (PolicyRevision before : request.policies().getReleaseBeforeList()) {
            revisions.add(revision(before.getEnvelope(), before.getApprovals()));
        }
        revisions.add(
                revision(
                        request.policies().getRelease(), request.policies().getReleaseApprovals()));
        try {
            return PolicyChain.verify(revisions, owner, manifest.manifest().ownerSpki());
        } catch (SealedFormatException e) {
            throw new Refusal("policy.owner", e);
        }
    }

    private static PolicyChain.Revision revision(ByteString envelope, ByteString approvals) {
        return new PolicyChain.Revision(envelope.toByteArray(), approvals.toByteArray());
    }

    private VerifiedPolicy output(PartRequest request, VerifiedManifest manifest) throws Refusal {
        try {
            return PolicyDocument.verify(
                    Dsse.decode(request.policies().getOutput().toByteArray()),
                    owner,
                    manifest.manifest().ownerSpki());
        } catch (SealedFormatException e) {
            throw new Refusal("policy.owner", e);
        }
    }

    private void requireRules(
            VerifiedPolicy policy, Kind kind, ContentStatement content, PolicyDemand demand)
            throws Refusal {
        Optional<String> objection =
                policy.objection(kind, content.model(), demand, clock.instant());
        if (objection.isPresent()) {
            throw new Refusal("policy.demand", objection.get());
        }
    }

    private Transcript transcript(
            PartRequest request,
            VerifiedManifest manifest,
            VerifiedPolicy release,
            VerifiedPolicy output)
            throws Refusal {
        return new Transcript(
                Role.PART,
                request.nonce(),
                request.kemSpki(),
                request.tlsSpki(),
                agent,
                owners(request.coOwners()),
                manifest.content().model().tenant().value(),
                manifest.digest(),
                List.of(release.reference(), output.reference()),
                request.posture(),
                request.bootId());
    }

    private NodeOwners owners(List<Digest> coOwners) throws Refusal {
        try {
            return new NodeOwners(owner, coOwners);
        } catch (IllegalArgumentException e) {
            throw new Refusal("request.co-owners", e);
        }
    }

    private Attested<PartKey> attested(
            PartRequest request, Transcript expected, Instant notAfter, VerifiedPolicy release)
            throws Refusal {
        Evidence evidence;
        ReleasePolicy policy;
        try {
            evidence = Evidence.decode(request.evidence());
            policy = ReleasePolicy.parse(release.document().body());
        } catch (MalformedEncodingException e) {
            throw new Refusal("evidence.encoding", e);
        } catch (PolicyFormatException e) {
            throw new Refusal("policy.format", e);
        }
        return switch (verifier.verify(evidence, Challenge.part(expected, notAfter), policy)) {
            case Verdict.Trusted<PartKey>(var node) -> node;
            case Verdict.Refused<PartKey>(String rule, String reason) ->
                    throw new Refusal(rule, reason);
        };
    }
}
