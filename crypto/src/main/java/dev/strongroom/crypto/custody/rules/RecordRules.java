package dev.strongroom.crypto.custody.rules;

import dev.strongroom.attestation.Transcript;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.WrapFormat;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What an authentic record must still satisfy before a custodian works with it. */
public final class RecordRules {
    private RecordRules() {}

    /**
     * Takes out records that name a key or a format other than this custodian would have written.
     */
    public static List<Optional<WrappedKey.AtRest>> onlyOwn(
            List<Optional<WrappedKey.AtRest>> read, WrapFormat format) {
        Map<Kek, String> ids = new HashMap<>();
        return read.stream()
                .map(one ->
                        one.filter(key -> key.wrapFormat() == format)
                                .filter(key -> key.kekId().equals(idOf(Kek.of(key), ids))))
                .toList();
    }

    private record Kek(TenantName tenant, int version) {
        static Kek of(WrappedKey.AtRest key) {
            return new Kek(key.tenant(), key.kekVersion());
        }
    }

    private static String idOf(Kek kek, Map<Kek, String> ids) {
        return ids.computeIfAbsent(kek, one -> KeyName.kek(one.tenant(), one.version()).id().hex());
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
