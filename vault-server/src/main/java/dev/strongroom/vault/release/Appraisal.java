package dev.strongroom.vault.release;

import dev.strongroom.attestation.Attested;
import dev.strongroom.attestation.EnclaveKey;
import dev.strongroom.attestation.ServingKey;
import dev.strongroom.attestation.TrustVector;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.vault.catalog.VersionTable.Version;
import dev.strongroom.vault.publish.InForce;

/** What the vault thinks of a request before it is written down. */
sealed interface Appraisal {
    TrustVector NOT_LOOKED_AT =
            new TrustVector(TrustVector.NO_CLAIM, TrustVector.NO_CLAIM, TrustVector.NO_CLAIM);

    /** Everything holds, and what it was that holds. */
    sealed interface Held extends Appraisal {
        NodeRequest request();

        Version version();

        VerifiedManifest manifest();

        InForce policies();

        Attested<?> node();

        TrustVector vector();
    }

    /** The key may go once the decision is durable. */
    record Good(
            LeaseRequest request,
            Version version,
            VerifiedManifest manifest,
            InForce policies,
            WrappedKey.AtRest key,
            Attested<EnclaveKey> node,
            TrustVector vector)
            implements Held {}

    /** The node may go on once the decision is durable. */
    record Renewable(
            RenewalRequest request,
            Version version,
            VerifiedManifest manifest,
            InForce policies,
            Attested<ServingKey> node,
            TrustVector vector)
            implements Held {}

    /**
     * One rule does not hold.
     *
     * @param vector what was thought of the evidence; nothing if it was not looked at
     */
    record Bad(String rule, String why, TrustVector vector) implements Appraisal {
        Bad(String rule, String why) {
            this(rule, why, NOT_LOOKED_AT);
        }
    }
}
