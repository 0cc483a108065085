package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.crypto.format.AliasName;
import dev.strongroom.crypto.format.ModelName;
import java.time.Duration;
import java.util.Optional;

/**
 * Which node to ask for which model, and what it must prove.
 *
 * @param profile the caller's identity, the pinned owner and what was seen before
 * @param node {@code host:port}
 * @param vault {@code host:port}; asked only for proofs that the log continues what was seen
 * @param pin fingerprint of the vault's ceremony key, learnt out of band
 * @param alias that the model is asked for by: a node that does not go by it refuses; empty: none
 * @param policy the caller's own demands on the evidence; empty: the owner's release policy
 * @param evidenceMaxAge evidence in the node's certificate is enough when it is at most so old;
 *     empty: the node is always asked for evidence over a fresh nonce
 * @param standingMaxAge the node must show the vault's word, at most so old, that its lease is not
 *     revoked
 */
public record NodeTarget(
        Profile profile,
        String node,
        Optional<String> vault,
        Digest pin,
        ModelName model,
        Optional<AliasName> alias,
        VersionDemand version,
        Optional<ReleasePolicy> policy,
        Optional<Duration> evidenceMaxAge,
        Duration standingMaxAge) {
    /** Nodes hear from the vault every ten seconds, and may lose it for a while. */
    public static final Duration STANDING_MAX_AGE = Duration.ofMinutes(5);

    /** A target that is asked for fresh evidence, for whatever version it serves. */
    public NodeTarget(
            Profile profile,
            String node,
            Optional<String> vault,
            Digest pin,
            ModelName model,
            VersionDemand version,
            Optional<ReleasePolicy> policy) {
        this(
                profile,
                node,
                vault,
                pin,
                model,
                Optional.empty(),
                version,
                policy,
                Optional.empty(),
                STANDING_MAX_AGE);
    }
}
