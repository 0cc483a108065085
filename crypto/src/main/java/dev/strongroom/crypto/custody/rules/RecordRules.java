package dev.strongroom.crypto.custody.rules;

import dev.strongroom.attestation.Transcript;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.format.WrapFormat;
import java.util.List;

/** What an authentic record must still satisfy before a custodian works with it. */
public final class RecordRules {
    private RecordRules() {}

    /** Whether the record names a key and a format as this custodian would have written them. */
    public static boolean isOwn(WrappedKey.AtRest key, WrapFormat format) {
        String expectedId = KeyName.kek(key.tenant(), key.kekVersion()).id().hex();
        return key.kekId().equals(expectedId) && key.wrapFormat() == format;
    }

    /** Refuses a call for keys that are not of one tenant and under one version. */
    public static void requireSameKek(List<WrappedKey.AtRest> keys) {
        if (keys.stream().map(WrappedKey.AtRest::kekId).distinct().count() != 1) {
            throw new IllegalArgumentException("keys: expected some, all under one version");
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
