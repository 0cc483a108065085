package dev.strongroom.client;

import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.attestation.policy.PolicyFormatException;
import dev.strongroom.attestation.policy.ReleasePolicy;
import java.util.Optional;

/**
 * How well a vault must keep its keys before a data key is sealed to it: what the caller of a push
 * asks for and what the owner's release policy demands. Immutable and thread-safe.
 */
final class LeastLevel {
    private final TrustLevel asked;
    private final ReleasePolicy policy;

    private LeastLevel(TrustLevel asked, ReleasePolicy policy) {
        this.asked = asked;
        this.policy = policy;
    }

    /**
     * The demands of one push.
     *
     * @param release body of the release policy in force, verified
     */
    static LeastLevel of(TrustLevel asked, byte[] release) throws ClientException {
        try {
            return new LeastLevel(asked, ReleasePolicy.parse(release));
        } catch (PolicyFormatException e) {
            throw new ClientException(
                    ClientException.Kind.VERIFICATION_FAILED,
                    "the release policy in force cannot be read: " + e.getMessage(),
                    "push with the build that set it, or set another: strongroom policy set",
                    e);
        }
    }

    /** The higher of the two demands. */
    TrustLevel level() {
        return policy.minTrustLevel().filter(least -> least.isAtLeast(asked)).orElse(asked);
    }

    /**
     * Refuses a vault.
     *
     * @param level of its token or of its import key
     * @throws ClientException DENIED
     */
    void require(TrustLevel level) throws ClientException {
        if (!level.isAtLeast(asked)) {
            throw new ClientException(
                    ClientException.Kind.DENIED,
                    "the vault's token is of level " + level + ", the push asks for " + asked,
                    "push to a vault with a better token, or lower --require-level");
        }
        Optional<String> objection = policy.objectionTo(level);
        if (objection.isPresent()) {
            throw new ClientException(
                    ClientException.Kind.DENIED,
                    "nothing was sealed for this vault: " + objection.get(),
                    "push to a vault with a better token, or set another policy: strongroom policy"
                            + " set");
        }
    }
}
