package dev.strongroom.client;

import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.VerifiedAlias;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VerifiedPolicy;
import java.util.Map;

/** Whether a record of the log speaks of what the caller holds, field by named field. */
final class LogLeaf {
    private LogLeaf() {}

    /** True for the commit of this version under this number. */
    static boolean isCommit(AuditRecord record, VerifiedManifest manifest, long number) {
        return record.type().equals(AuditRecord.VERSION_COMMITTED)
                && isOfVersion(record, manifest, number);
    }

    /**
     * True for any event of this version, such as its commit or a release of its key. Only some
     * carry its number; those must carry this one.
     */
    static boolean isOfVersion(AuditRecord record, VerifiedManifest manifest, long number) {
        String name = Long.toString(number);
        boolean needsNumber = record.type().equals(AuditRecord.VERSION_COMMITTED);
        return record.differsIn(
                                Map.of(
                                        "model", manifest.content().model().toString(),
                                        "version-id", manifest.content().versionId().hex(),
                                        "manifest", manifest.digest().hex()))
                        .isEmpty()
                && name.equals(record.fields().getOrDefault("number", needsNumber ? "" : name));
    }

    /** True for this very move. */
    static boolean isMove(AuditRecord record, VerifiedAlias alias) {
        return record.type().equals(AuditRecord.ALIAS_MOVED)
                && record.differsIn(
                                Map.of(
                                        "model", alias.move().model().toString(),
                                        "alias", alias.move().alias().value(),
                                        "seq", Long.toString(alias.move().seq()),
                                        "digest", alias.digest().hex()))
                        .isEmpty();
    }

    /** True for the setting of this revision. */
    static boolean isSetting(AuditRecord record, VerifiedPolicy policy) {
        var document = policy.document();
        return record.type().equals(AuditRecord.POLICY_SET)
                && record.differsIn(
                                Map.of(
                                        "model", document.scope().toString(),
                                        "kind", document.kind().toString(),
                                        "id", document.id(),
                                        "seq", Long.toString(document.seq()),
                                        "digest", policy.reference().digest().hex()))
                        .isEmpty();
    }
}
