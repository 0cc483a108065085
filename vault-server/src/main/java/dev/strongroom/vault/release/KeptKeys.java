package dev.strongroom.vault.release;

import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.VersionTable.Version;
import dev.strongroom.vault.catalog.WrappedKeyTable;
import java.util.Optional;

/**
 * The data keys as the vault keeps them, wrapped; what the database says of one is not believed.
 */
record KeptKeys(Database database, KeyCustodian custodian) {
    /** The rule of a data key that the owner wants kept better than it is. */
    static final String TOO_LOW = "policy.trust-level";

    /** The version's key record, when the token wrote it and it is of this very manifest. */
    Optional<WrappedKey.AtRest> of(Version version, VerifiedManifest manifest)
            throws CustodyException {
        Optional<byte[]> stored =
                database.read(handle -> WrappedKeyTable.find(handle, version.id()));
        if (stored.isEmpty()) {
            return Optional.empty();
        }
        try {
            WrappedKey.AtRest key = custodian.authenticate(stored.get());
            boolean matches =
                    key.model().equals(version.model())
                            && key.versionId().equals(version.id())
                            && key.ownerId().equals(manifest.content().ownerId())
                            && key.manifestDigest().equals(manifest.digest());
            return matches ? Optional.of(key) : Optional.empty();
        } catch (CustodyException e) {
            if (e.reason() == CustodyException.Reason.RECORD_NOT_AUTHENTIC) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** What is wrong with how a data key is kept now; a rotation may have moved it. */
    static Optional<Appraisal.Objection> objectionTo(
            Optional<WrappedKey.AtRest> key, ReleasePolicy policy) {
        if (key.isEmpty()) {
            return Optional.of(
                    new Appraisal.Objection(
                            "record.authentic",
                            "the stored key record is not the one of this version"));
        }
        return policy.objectionTo(key.get().level())
                .map(why -> new Appraisal.Objection(TOO_LOW, why));
    }
}
