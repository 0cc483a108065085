package dev.strongroom.crypto.custody.rules;

import dev.strongroom.attestation.Transcript;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.format.WrapFormat;

/** What an authentic record must still satisfy before a custodian works with it. */
public final class RecordRules {
    private RecordRules() {}

    /**
     * Refuses a record that names a key or a format other than this custodian would have written.
     *
     * @throws CustodyException RECORD_NOT_AUTHENTIC
     */
    public static void requireOwn(WrappedKey.AtRest key, WrapFormat format)
            throws CustodyException {
        String expectedId = KeyName.kek(key.tenant(), key.kekVersion()).id().hex();
        if (!key.kekId().equals(expectedId) || key.wrapFormat() != format) {
            throw new CustodyException(
                    Reason.RECORD_NOT_AUTHENTIC,
                    "wrapped key record: names a key or a format that this token would not have"
                            + " written");
        }
    }

    /**
     * Refuses evidence that speaks for another tenant, owner or manifest than the record.
     *
     * @throws CustodyException RELEASE_NOT_BOUND
     */
    public static void requireBound(WrappedKey.AtRest key, Transcript transcript)
            throws CustodyException {
        requireSame("tenant", key.tenant().value(), transcript.tenant());
        requireSame("owner", key.ownerId(), transcript.ownerId());
        requireSame("manifest", key.manifestDigest(), transcript.manifestDigest());
    }

    private static void requireSame(String field, Object ofRecord, Object ofEvidence)
            throws CustodyException {
        if (!ofRecord.equals(ofEvidence)) {
            throw new CustodyException(
                    Reason.RELEASE_NOT_BOUND,
                    "release: the evidence names another " + field + " than the wrapped key");
        }
    }
}
