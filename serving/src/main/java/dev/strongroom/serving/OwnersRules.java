package dev.strongroom.serving;

import dev.strongroom.crypto.format.VerifiedPolicy;
import dev.strongroom.crypto.output.OutputFormatException;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.serving.NodeException.Exit;

/** Reads what an owner signed. What this build does not do is refused, not ignored. */
final class OwnersRules {
    private OwnersRules() {}

    /**
     * What a document says, if this node does all of it.
     *
     * @param life that the version is served under
     * @throws NodeException DENIED
     */
    static OutputPolicy enforced(VerifiedPolicy policy, LeaseLife life) throws NodeException {
        OutputPolicy rules = parse(policy);
        if (rules.fingerprint() == OutputPolicy.Defence.REQUIRED && !life.isMarked()) {
            throw new NodeException(
                    Exit.DENIED,
                    "output policy: it requires marked copies and this one has no mark; push the version"
                            + " with --fingerprint, or start the node anew if marks were off");
        }
        if (rules.detector() == OutputPolicy.Defence.REQUIRED && life.calibration().isEmpty()) {
            throw new NodeException(
                    Exit.DENIED,
                    "output policy: it requires the detector and the version has no calibration;"
                            + " strongroom guard calibrate, then push it anew with --calibration");
        }
        return rules;
    }

    /**
     * What a document says, done here or not.
     *
     * @throws NodeException DENIED
     */
    static OutputPolicy parse(VerifiedPolicy policy) throws NodeException {
        try {
            return OutputPolicy.parse(policy.document().body());
        } catch (OutputFormatException e) {
            throw new NodeException(
                    Exit.DENIED,
                    "output policy "
                            + policy.document().id()
                            + ": "
                            + e.getMessage()
                            + "; its owner writes one with: strongroom policy new-output",
                    e);
        }
    }
}
