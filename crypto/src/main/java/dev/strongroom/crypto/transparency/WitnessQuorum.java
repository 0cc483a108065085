package dev.strongroom.crypto.transparency;

import dev.strongroom.attestation.policy.PolicyFormatException;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.attestation.policy.WitnessSet;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.VerifiedPolicy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * How many of which witnesses must have cosigned a checkpoint before it counts.
 *
 * @param threshold 0 asks for none
 * @param witnesses no key twice
 */
public record WitnessQuorum(int threshold, List<WitnessKey> witnesses) {
    /** Asks for no witness. */
    public static final WitnessQuorum NONE = new WitnessQuorum(0, List.of());

    public WitnessQuorum {
        witnesses = List.copyOf(witnesses);
        if (threshold < 0
                || threshold > witnesses.size()
                || Set.copyOf(witnesses).size() != witnesses.size()) {
            throw new IllegalArgumentException(
                    "witnesses: expected 0 to " + witnesses.size() + " of different ones");
        }
    }

    /**
     * What an owner's release policy asks for.
     *
     * @throws SealedFormatException when it is not of its grammar, or names what is no witness key
     */
    public static WitnessQuorum of(VerifiedPolicy release) throws SealedFormatException {
        try {
            Optional<WitnessSet> named = ReleasePolicy.parse(release.document().body()).witnesses();
            return named.isEmpty() ? NONE : of(named.get().threshold(), named.get().keys());
        } catch (PolicyFormatException e) {
            throw new SealedFormatException("release policy: " + e.getMessage(), e);
        }
    }

    /**
     * So many of these.
     *
     * @param keys C2SP verifier keys
     */
    public static WitnessQuorum of(int threshold, Collection<String> keys)
            throws SealedFormatException {
        var witnesses = new ArrayList<WitnessKey>();
        for (String key : keys) {
            witnesses.add(WitnessKey.parse(key));
        }
        try {
            return new WitnessQuorum(threshold, witnesses);
        } catch (IllegalArgumentException e) {
            throw new SealedFormatException(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Refuses a checkpoint that too few of the witnesses cosigned.
     *
     * @throws SealedFormatException also when a line of a known witness is false
     */
    public void require(SignedCheckpoint signed) throws SealedFormatException {
        var agreed = new TreeSet<String>();
        for (NoteSignature line : signed.signatures()) {
            for (WitnessKey witness : witnesses) {
                if (witness.isNamedBy(line)) {
                    witness.verify(signed.checkpoint(), line);
                    agreed.add(witness.text());
                }
            }
        }
        if (agreed.size() < threshold) {
            throw new SealedFormatException(
                    "checkpoint: cosigned by "
                            + agreed.size()
                            + " of the witnesses that must agree, expected "
                            + threshold
                            + " of "
                            + witnesses.stream().map(WitnessKey::name).toList());
        }
    }
}
