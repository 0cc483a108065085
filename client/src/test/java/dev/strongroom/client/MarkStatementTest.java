package dev.strongroom.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.FingerprintCommitment;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.VersionId;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MarkStatementTest {
    private static final String NODE = "strongroom://acme/node/n1";
    private static final String COMMITMENT = "commitment";
    private static final long RELEASE = 7;

    private KeyPair key;
    private Map<String, String> mark;
    private Map<String, String> release;

    @BeforeEach
    void commit() throws Exception {
        key = pair();
        var said =
                new FingerprintCommitment(
                        new byte[16],
                        ModelName.parse("acme/bert"),
                        VersionId.of(new byte[16]),
                        Digest.sha256(new byte[] {1}),
                        RELEASE,
                        Digest.sha256(new byte[] {2}));
        mark = new TreeMap<>();
        mark.put("version-id", said.versionId().hex());
        mark.put("boot-id", HexFormat.of().formatHex(said.bootId()));
        mark.put("release", Long.toString(RELEASE));
        mark.put(COMMITMENT, said.commitment().hex());
        mark.put("statement", base64(said.sign(P256.signer(key)).encode()));
        mark.put("tls-spki", base64(key.getPublic().getEncoded()));
        release = new TreeMap<>();
        release.put("version-id", said.versionId().hex());
        release.put("boot-id", HexFormat.of().formatHex(said.bootId()));
        release.put("tls-key", Digest.sha256(key.getPublic().getEncoded()).hex());
    }

    @Test
    void believesWhatTheAttestedKeySigned() throws Exception {
        assertThat(MarkStatement.release(leaf())).isEqualTo(RELEASE);
        MarkStatement.of(leaf()).verify(released(RELEASE, NODE));
    }

    /** A vault that would have another node named, or this one for another mark. */
    @Test
    void refusesARecordThatSaysOtherThingsThanTheNodeSigned() {
        for (String field : new String[] {"version-id", "boot-id", "release", COMMITMENT}) {
            String signed = mark.put(field, field.equals("release") ? "8" : "00".repeat(32));
            assertThatThrownBy(() -> MarkStatement.of(leaf()))
                    .as(field)
                    .hasMessageContaining("other things than the node signed");
            mark.put(field, signed);
        }
        mark.remove("statement");
        assertThatThrownBy(() -> MarkStatement.of(leaf())).hasMessageContaining("no signature");
    }

    @Test
    void refusesAKeyThatTheReleaseDoesNotAttest() throws Exception {
        KeyPair vaults = pair();
        mark.put("tls-spki", base64(vaults.getPublic().getEncoded()));
        assertThatThrownBy(() -> MarkStatement.of(leaf())).hasMessageContaining("no signature");
        mark.put("tls-spki", base64(key.getPublic().getEncoded()));
        assertRefused(released(RELEASE + 1, NODE));
        assertRefused(released(RELEASE, "strongroom://acme/node/n2"));
        release.put("tls-key", Digest.sha256(vaults.getPublic().getEncoded()).hex());
        assertRefused(released(RELEASE, NODE));
    }

    private void assertRefused(AuditTrail.Leaf released) {
        assertThatThrownBy(() -> MarkStatement.of(leaf()).verify(released))
                .hasMessageContaining("signed by another key");
    }

    private AuditTrail.Leaf leaf() {
        return new AuditTrail.Leaf(
                9,
                new AuditRecord(
                        AuditRecord.NODE_FINGERPRINTED, Instant.EPOCH, NODE, new TreeMap<>(mark)));
    }

    private AuditTrail.Leaf released(long index, String actor) {
        return new AuditTrail.Leaf(
                index,
                new AuditRecord(
                        AuditRecord.KEY_RELEASED, Instant.EPOCH, actor, new TreeMap<>(release)));
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static KeyPair pair() throws Exception {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }
}
