package dev.strongroom.vault.release;

import dev.strongroom.attestation.Appraised;
import dev.strongroom.attestation.Challenge;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EnclaveKey;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.ServingKey;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.TrustVector;
import dev.strongroom.attestation.Verdict;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.vault.access.SigningRequest;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.VersionTable;
import dev.strongroom.vault.catalog.VersionTable.State;
import dev.strongroom.vault.catalog.VersionTable.Version;
import dev.strongroom.vault.ownkeys.OwnKeys;
import dev.strongroom.vault.publish.InForce;
import dev.strongroom.vault.publish.PoliciesInForce;
import dev.strongroom.vault.publish.Versions;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Checks a lease request against what the vault knows, rule by rule, and says which one refuses.
 * The transcript that evidence must speak for is built from the vault's own data, never from the
 * request's claims about it.
 *
 * <p>Thread-safe; changes nothing.
 */
public final class Appraiser {
    private static final byte[] NO_KEM_KEY = {};

    private final Database database;
    private final Versions versions;
    private final PoliciesInForce policies;
    private final KeyCustodian custodian;
    private final KeptKeys keys;
    private final EvidenceVerifier verifier;
    private final OwnKeys ownKeys;
    private final InstantSource clock;

    public Appraiser(
            Database database,
            Versions versions,
            PoliciesInForce policies,
            KeyCustodian custodian,
            EvidenceVerifier verifier,
            OwnKeys ownKeys,
            InstantSource clock) {
        this.database = database;
        this.versions = versions;
        this.policies = policies;
        this.custodian = custodian;
        this.keys = new KeptKeys(database, custodian);
        this.verifier = verifier;
        this.ownKeys = ownKeys;
        this.clock = clock;
    }

    /** A version with its manifest and policies: one owner's, of one moment. */
    private record Stored(
            Version version, VerifiedManifest manifest, InForce policies, Numbering numbering) {}

    /** Whether the version's number is the one that the token signed. */
    private enum Numbering {
        COUNTERSIGNED,
        CHANGED
    }

    Appraisal appraise(NodeRequest request, Instant nonceNotAfter) throws CustodyException {
        try {
            Optional<Stored> found =
                    database.<Optional<Stored>, RefusedException>write(
                            handle -> find(handle, request));
            if (found.isEmpty()) {
                return new Appraisal.Objection("version.unknown", "no such version is committed");
            }
            Stored stored = found.get();
            Optional<Appraisal.Objection> objection = objectionTo(request, stored);
            if (objection.isPresent()) {
                return objection.get();
            }
            return switch (request) {
                case LeaseRequest release -> release(release, nonceNotAfter, stored);
                case RenewalRequest renewal -> renewal(renewal, nonceNotAfter, stored);
            };
        } catch (RefusedException e) {
            return refusal(e);
        }
    }

    /** What the vault cannot answer for, as the rule that refuses. */
    static Appraisal.Objection refusal(RefusedException e) {
        return new Appraisal.Objection(
                "vault." + e.reason().name().toLowerCase(Locale.ROOT),
                String.valueOf(e.getMessage()));
    }

    private Optional<Stored> find(Handle handle, NodeRequest request) throws RefusedException {
        Optional<Version> version =
                VersionTable.find(handle, request.model(), request.versionId())
                        .filter(found -> found.state() == State.COMMITTED);
        if (version.isEmpty()) {
            return Optional.empty();
        }
        VerifiedManifest manifest = versions.manifestOf(handle, version.get());
        return Optional.of(
                new Stored(
                        version.get(),
                        manifest,
                        policies.inForce(handle, manifest),
                        versions.isCountersigned(handle, version.get())
                                ? Numbering.COUNTERSIGNED
                                : Numbering.CHANGED));
    }

    /** What does not depend on evidence. */
    private Optional<Appraisal.Objection> objectionTo(NodeRequest request, Stored stored)
            throws RefusedException {
        Optional<Appraisal.Objection> toVersion = objectionToVersion(request, stored);
        return toVersion.isPresent() ? toVersion : objectionToPolicies(request, stored);
    }

    private static Optional<Appraisal.Objection> objectionToVersion(
            NodeRequest request, Stored stored) {
        if (!stored.manifest().digest().equals(request.manifestDigest())) {
            return objection("version.manifest", "the version has another manifest");
        }
        if (stored.numbering() == Numbering.CHANGED) {
            return objection(
                    "version.number",
                    "the stored number is not the one that the vault countersigned; restore the"
                            + " database from a backup");
        }
        return objectionToOwners(request.coOwners(), stored.manifest().content().ownerId());
    }

    /** A list in another order would be another spelling of the same node. */
    private static Optional<Appraisal.Objection> objectionToOwners(
            List<Digest> coOwners, Digest owner) {
        try {
            var _ = new NodeOwners(owner, coOwners);
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return objection("request.co-owners", String.valueOf(e.getMessage()));
        }
    }

    private Optional<Appraisal.Objection> objectionToPolicies(NodeRequest request, Stored stored)
            throws RefusedException {
        InForce policies = stored.policies();
        Optional<String> toContent =
                policies.objection(stored.manifest().content(), clock.instant());
        if (toContent.isPresent()) {
            return objection("policy.demand", toContent.get());
        }
        if (policies.rules().caps().inferencesPerLease() == 0) {
            return objection("policy.caps", "the output policy lets no node answer a single row");
        }
        boolean sawThese =
                policies.release().reference().digest().equals(request.releasePolicy())
                        && policies.output().reference().digest().equals(request.outputPolicy());
        if (!sawThese) {
            return objection(
                    "policy.superseded",
                    "the node saw other policies than those in force; fetch them and ask again");
        }
        return policies.releaseRules()
                .objectionTo(stored.version().number())
                .map(why -> new Appraisal.Objection("policy.min-version", why));
    }

    private static Optional<Appraisal.Objection> objection(String rule, String why) {
        return Optional.of(new Appraisal.Objection(rule, why));
    }

    /** For a key: the node's keys, the kept record, the evidence, the token's own rule. */
    private Appraisal release(LeaseRequest request, Instant nonceNotAfter, Stored stored)
            throws RefusedException, CustodyException {
        if (!Arrays.equals(SigningRequest.check(request.tlsCsr()).spki(), request.tlsSpki())) {
            return new Appraisal.Objection(
                    "tls.possession", "the signing request is for another key than the TLS key");
        }
        if (!KemKey.isUsable(request.kemSpki())) {
            return new Appraisal.Objection(
                    "kem.key", "expected an RSA-3072 key with exponent 65537");
        }
        ReleasePolicy policy = stored.policies().releaseRules();
        Optional<WrappedKey.AtRest> key = keys.of(stored.version(), stored.manifest());
        Optional<Appraisal.Objection> objection = KeptKeys.objectionTo(key, policy);
        if (objection.isPresent()) {
            return objection.get();
        }
        Transcript expected = transcript(Role.RELEASE, request, request.kemSpki(), stored);
        Appraised<EnclaveKey> appraised =
                verifier.appraise(
                        request.evidence(), Challenge.release(expected, nonceNotAfter), policy);
        TrustVector vector = appraised.result().vector();
        return switch (appraised.verdict()) {
            case Verdict.Trusted<EnclaveKey>(var enclave) ->
                    requireRecipient(
                            new Appraisal.Releasable(
                                    request,
                                    stored.version(),
                                    stored.manifest(),
                                    stored.policies(),
                                    key.orElseThrow(),
                                    enclave,
                                    vector));
            case Verdict.Refused<EnclaveKey>(String rule, String reason) ->
                    new Appraisal.Objection(rule, reason, vector);
        };
    }

    /**
     * Keys made at a ceremony go to registered recipients only, however well a node is attested.
     */
    private Appraisal requireRecipient(Appraisal.Releasable good) throws CustodyException {
        try {
            custodian.requireRecipient(good.node().value().kemSpki());
            return good;
        } catch (CustodyException e) {
            if (e.reason() != CustodyException.Reason.RECIPIENT_NOT_REGISTERED) {
                throw e;
            }
            return new Appraisal.Objection("recipient.registered", String.valueOf(e.getMessage()));
        }
    }

    /** For more time: no key moves, so there is none of the node's to judge. */
    private Appraisal renewal(RenewalRequest request, Instant nonceNotAfter, Stored stored)
            throws RefusedException, CustodyException {
        ReleasePolicy policy = stored.policies().releaseRules();
        Optional<Appraisal.Objection> objection =
                KeptKeys.objectionTo(keys.of(stored.version(), stored.manifest()), policy);
        if (objection.isPresent()) {
            return objection.get();
        }
        Transcript expected = transcript(Role.RENEW, request, NO_KEM_KEY, stored);
        Appraised<ServingKey> appraised =
                verifier.appraise(
                        request.evidence(), Challenge.renew(expected, nonceNotAfter), policy);
        TrustVector vector = appraised.result().vector();
        return switch (appraised.verdict()) {
            case Verdict.Trusted<ServingKey>(var node) ->
                    new Appraisal.Renewable(
                            request,
                            stored.version(),
                            stored.manifest(),
                            stored.policies(),
                            node,
                            vector);
            case Verdict.Refused<ServingKey>(String rule, String reason) ->
                    new Appraisal.Objection(rule, reason, vector);
        };
    }

    /** What the evidence must speak for: the request's keys, the vault's own data for the rest. */
    private Transcript transcript(Role role, NodeRequest request, byte[] kemSpki, Stored stored) {
        VerifiedManifest manifest = stored.manifest();
        return new Transcript(
                role,
                request.nonce(),
                kemSpki,
                request.tlsSpki(),
                ownKeys.signingKeyId(),
                new NodeOwners(manifest.content().ownerId(), request.coOwners()),
                manifest.content().model().tenant().value(),
                manifest.digest(),
                stored.policies().references(),
                request.posture(),
                request.bootId());
    }
}
