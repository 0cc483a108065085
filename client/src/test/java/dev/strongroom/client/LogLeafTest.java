package dev.strongroom.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.format.VerifiedPolicy;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogLeafTest {
    @TempDir Path folder;
    private TestNode node;

    @BeforeEach
    void launch() throws Exception {
        node = new TestNode(folder);
    }

    @Test
    void aCommitIsOfOneVersionUnderOneNumber() {
        assertThat(isCommit(versionFields())).isTrue();
        for (String field : versionFields().keySet()) {
            assertThat(isCommit(moved(versionFields(), field))).as(field).isFalse();
        }
        assertThat(
                        LogLeaf.isCommit(
                                record(AuditRecord.KEY_RELEASED, versionFields()),
                                node.manifest,
                                3))
                .isFalse();
    }

    @Test
    void anEventOfTheVersionMayLeaveOutItsNumberButNotNameAnother() {
        Map<String, String> fields = versionFields();
        fields.remove("number");
        assertThat(isRefusalOfVersion(fields)).isTrue();
        assertThat(isCommit(fields)).isFalse();
        fields.put("number", "4");
        assertThat(isRefusalOfVersion(fields)).isFalse();
        for (String field : versionFields().keySet()) {
            if (!field.equals("number")) {
                assertThat(isRefusalOfVersion(moved(versionFields(), field))).as(field).isFalse();
            }
        }
    }

    @Test
    void aSettingIsOfOneRevisionOfOnePolicy() throws Exception {
        PolicyDocument document = node.release;
        VerifiedPolicy policy =
                PolicyDocument.verify(
                        document.sign(node.owner), node.owner.keyId(), node.owner.spki());
        Map<String, String> fields =
                new TreeMap<>(
                        Map.of(
                                "model", "acme/tiny",
                                "kind", "RELEASE",
                                "id", document.id(),
                                "seq", "1",
                                "digest", policy.reference().digest().hex()));

        assertThat(LogLeaf.isSetting(record(AuditRecord.POLICY_SET, fields), policy)).isTrue();
        assertThat(LogLeaf.isSetting(record(AuditRecord.KEY_RELEASED, fields), policy)).isFalse();
        for (String field : fields.keySet()) {
            AuditRecord other = record(AuditRecord.POLICY_SET, moved(fields, field));
            assertThat(LogLeaf.isSetting(other, policy)).as(field).isFalse();
        }
    }

    private Map<String, String> versionFields() {
        return new TreeMap<>(
                Map.of(
                        "model",
                        "acme/tiny",
                        "version-id",
                        node.manifest.content().versionId().hex(),
                        "number",
                        "3",
                        "manifest",
                        node.manifest.digest().hex()));
    }

    private boolean isCommit(Map<String, String> fields) {
        return LogLeaf.isCommit(record(AuditRecord.VERSION_COMMITTED, fields), node.manifest, 3);
    }

    private boolean isRefusalOfVersion(Map<String, String> fields) {
        return LogLeaf.isOfVersion(record(AuditRecord.RELEASE_REFUSED, fields), node.manifest, 3);
    }

    private static AuditRecord record(String type, Map<String, String> fields) {
        return TestVault.record(type, new TreeMap<>(fields));
    }

    /** The right value, but under a name where it proves nothing. */
    private static Map<String, String> moved(Map<String, String> fields, String field) {
        var moved = new TreeMap<>(fields);
        moved.put("elsewhere", moved.remove(field));
        return moved;
    }
}
