package dev.strongroom.vault.reseal;

import dev.strongroom.attestation.Attested;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.SealingKey;
import dev.strongroom.attestation.policy.PolicyDecision;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.vault.catalog.VersionTable;
import dev.strongroom.vault.catalog.VersionTable.State;
import dev.strongroom.vault.catalog.VersionTable.Version;
import dev.strongroom.vault.publish.InForce;
import dev.strongroom.vault.publish.PoliciesInForce;
import dev.strongroom.vault.publish.Versions;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * What must hold of a new seal besides its own signatures and evidence: that it is the next one of
 * a committed version, for the same content, under the policies in force now and a key never used.
 * Asked when the seal begins and again in the transaction that puts it in force.
 *
 * <p>Thread-safe; changes nothing.
 */
public final class ResealRules {
    private final Versions versions;
    private final PoliciesInForce policies;
    private final InstantSource clock;

    /** What the new seal takes the place of. */
    record Replaced(Version version, VerifiedManifest manifest) {}

    public ResealRules(Versions versions, PoliciesInForce policies, InstantSource clock) {
        this.versions = versions;
        this.policies = policies;
        this.clock = clock;
    }

    /**
     * Checks the seal.
     *
     * @param handle of a write transaction
     * @param policies that the node's evidence speaks for
     */
    Replaced check(Handle handle, VerifiedManifest next, List<PolicyReference> policies)
            throws Objection {
        Replaced replaced;
        try {
            replaced = replaced(handle, next);
            requireNext(next, replaced.manifest());
            requirePolicies(handle, next, policies);
        } catch (RefusedException e) {
            throw new Objection(
                    "vault." + e.reason().name().toLowerCase(Locale.ROOT),
                    String.valueOf(e.getMessage()));
        }
        if (VersionTable.importWasUsed(handle, next.seal().importCiphertextDigest())) {
            throw new Objection("import.seen", "the wrapped key was used before; seal again");
        }
        return replaced;
    }

    private Replaced replaced(Handle handle, VerifiedManifest next)
            throws Objection, RefusedException {
        ContentStatement content = next.content();
        Optional<Version> version =
                VersionTable.find(handle, content.model(), content.versionId())
                        .filter(found -> found.state() == State.COMMITTED);
        if (version.isEmpty()) {
            throw new Objection("version.unknown", "no such version is committed");
        }
        if (!versions.isCountersigned(handle, version.get())) {
            throw new Objection(
                    "version.number", "the stored version is not the one that was countersigned");
        }
        return new Replaced(version.get(), versions.manifestOf(handle, version.get()));
    }

    private static void requireNext(VerifiedManifest next, VerifiedManifest current)
            throws Objection {
        if (!next.seal().contentDigest().equals(current.seal().contentDigest())) {
            throw new Objection("seal.content", "the version has another content statement");
        }
        int expected = current.seal().epoch() + 1;
        if (next.seal().epoch() != expected) {
            throw new Objection(
                    "seal.epoch", "expected epoch " + expected + ", got " + next.seal().epoch());
        }
        Optional<Digest> previous = next.seal().previous();
        if (!previous.equals(Optional.of(current.digest()))) {
            throw new Objection("seal.previous", "the seal replaces one that is not in force");
        }
    }

    private void requirePolicies(Handle handle, VerifiedManifest next, List<PolicyReference> seen)
            throws Objection, RefusedException {
        InForce inForce = policies.inForce(handle, next);
        Optional<String> objection = inForce.objection(next.content(), clock.instant());
        if (objection.isPresent()) {
            throw new Objection("policy.demand", objection.get());
        }
        if (!inForce.references().equals(seen)) {
            throw new Objection(
                    "policy.superseded",
                    "the node saw other policies than those in force; seal again");
        }
        Attested<SealingKey> sealer = next.sealer().orElseThrow();
        if (inForce.releaseRules().evaluate(sealer.claims(), sealer.transcript().posture())
                instanceof PolicyDecision.Denied(String rule, String reason)) {
            throw new Objection(rule, reason);
        }
    }
}
