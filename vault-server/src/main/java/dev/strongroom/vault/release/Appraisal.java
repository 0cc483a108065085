package dev.strongroom.vault.release;

import dev.strongroom.attestation.Attested;
import dev.strongroom.attestation.EnclaveKey;
import dev.strongroom.attestation.ServingKey;
import dev.strongroom.attestation.TrustVector;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.vault.catalog.VersionTable.Version;
import dev.strongroom.vault.publish.InForce;

/** What came of judging a request, before it is written down: it passed, or one rule objects. */
sealed interface Appraisal {
    TrustVector NOT_LOOKED_AT =
            new TrustVector(TrustVector.NO_CLAIM, TrustVector.NO_CLAIM, TrustVector.NO_CLAIM);

    /** Every rule holds, and what they held for. */
    sealed interface Passed extends Appraisal {
        NodeRequest request();

        Version version();

        VerifiedManifest manifest();

        InForce policies();

        Attested<?> node();

        TrustVector vector();
    }

    /**
     * The key may go once the decision is durable.
     *
     * @param key the record that the token authenticated
     * @param node holder of the KEM key that the key is wrapped to
     */
    record Releasable(
            LeaseRequest request,
            Version version,
            VerifiedManifest manifest,
            InForce policies,
            WrappedKey.AtRest key,
            Attested<EnclaveKey> node,
            TrustVector vector)
            implements Passed {}

    /** The node may go on with the key it has once the decision is durable. */
    record Renewable(
            RenewalRequest request,
            Version version,
            VerifiedManifest manifest,
            InForce policies,
            Attested<ServingKey> node,
            TrustVector vector)
            implements Passed {}

    /**
     * One rule does not hold.
     *
     * @param rule its stable name, as the log has it
     * @param why what was expected and what to do
     * @param vector what was thought of the evidence; nothing if it was not looked at
     */
    record Objection(String rule, String why, TrustVector vector) implements Appraisal {
        Objection(String rule, String why) {
            this(rule, why, NOT_LOOKED_AT);
        }
    }
}
