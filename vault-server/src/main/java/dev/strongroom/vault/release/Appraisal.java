package dev.strongroom.vault.release;

import dev.strongroom.attestation.Attested;
import dev.strongroom.attestation.EnclaveKey;
import dev.strongroom.attestation.ServingKey;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.vault.catalog.VersionTable.Version;
import dev.strongroom.vault.publish.PolicyDesk;

/** What the vault thinks of a request before it is written down. */
sealed interface Appraisal {
    /** Everything holds, and what it was that holds. */
    sealed interface Held extends Appraisal {
        NodeRequest request();

        Version version();

        VerifiedManifest manifest();

        PolicyDesk.InForce policies();

        Attested<?> node();
    }

    /** The key may go once the decision is durable. */
    record Good(
            LeaseRequest request,
            Version version,
            VerifiedManifest manifest,
            PolicyDesk.InForce policies,
            WrappedKey.AtRest key,
            Attested<EnclaveKey> node)
            implements Held {}

    /** The node may go on once the decision is durable. */
    record Renewable(
            RenewalRequest request,
            Version version,
            VerifiedManifest manifest,
            PolicyDesk.InForce policies,
            Attested<ServingKey> node)
            implements Held {}

    /** One rule does not hold. */
    record Bad(String rule, String why) implements Appraisal {}
}
