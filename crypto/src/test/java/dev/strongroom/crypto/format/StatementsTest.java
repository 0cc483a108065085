package dev.strongroom.crypto.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.crypto.Version;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatementsTest {
    private static final KeyPair OTHER = Version.p256();
    private static final byte[] OTHER_SPKI = OTHER.getPublic().getEncoded();

    @Test
    void signsThePreAuthenticationEncodingOfDsse() throws Exception {
        // The example of secure-systems-lab/dsse, protocol.md.
        Dsse envelope =
                Dsse.sign(
                        "http://example.com/HelloWorld",
                        "hello world".getBytes(StandardCharsets.UTF_8),
                        Records.signer());
        assertThat(new String(envelope.pae(), StandardCharsets.UTF_8))
                .isEqualTo("DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }

    @Test
    void acceptsOneValidSignatureAmongOthers() throws Exception {
        Dsse mine = Records.content().sign(Records.signer());
        Dsse other = Records.content().sign(P256.signer(OTHER));
        var both =
                new Dsse(
                        mine.payloadType(),
                        mine.payload(),
                        List.of(other.signatures().getFirst(), mine.signatures().getFirst()));
        var key = Records.KEYS.getPublic();
        assertThat(both.verify(key, ContentStatement.PAYLOAD_TYPE)).isEqualTo(mine.payload());
        assertRefused(() -> both.verify(key, SealStatement.PAYLOAD_TYPE), "expected type");
        assertRefused(() -> other.verify(key, ContentStatement.PAYLOAD_TYPE), "no valid signature");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 26, 30, 90})
    void refusesKeysThatAreNotP256(int at) {
        byte[] spki = Records.SPKI.clone();
        spki[at] ^= 1;
        if (at < 27) {
            assertRefused(() -> P256.publicKey(spki), "P-256 key");
        }
        assertRefused(() -> P256.publicKey(new byte[at]), "P-256 key");
    }

    @Test
    void aPolicyIsItsOwnersOnly() throws Exception {
        Dsse mine = Records.policy(1, Optional.empty()).sign(Records.signer());
        VerifiedPolicy policy = PolicyDocument.verify(mine, Records.KEY_ID, Records.SPKI);
        assertThat(policy.reference())
                .isEqualTo(
                        new PolicyReference(
                                PolicyReference.Kind.RELEASE,
                                "ab".repeat(16),
                                1,
                                Digest.sha256(mine.payload())));
        assertRefused(() -> PolicyDocument.verify(mine, Records.KEY_ID, OTHER_SPKI), "owner");
        assertRefused(
                () -> PolicyDocument.verify(mine, P256.keyId(OTHER_SPKI), OTHER_SPKI),
                "no valid signature");
    }

    @Test
    void anAliasIsItsOwnersOnlyAndFollowsOnlyTheMoveBefore() throws Exception {
        Dsse mine = Records.aliasMove(1, Optional.empty()).sign(Records.signer());
        VerifiedAlias first = AliasMove.verify(mine, Records.KEY_ID, Records.SPKI);
        assertThat(first.digest()).isEqualTo(Digest.sha256(mine.payload()));
        assertRefused(() -> AliasMove.verify(mine, Records.KEY_ID, OTHER_SPKI), "owner");
        assertRefused(
                () -> AliasMove.verify(mine, P256.keyId(OTHER_SPKI), OTHER_SPKI), "signature");
        var previous = Optional.of(first.digest());
        assertThat(Records.aliasMove(2, previous).objectionAfter(first)).isEmpty();
        assertThat(Records.aliasMove(3, previous).objectionAfter(first))
                .as("one that never came into force left its number out")
                .isEmpty();
        assertThat(Records.aliasMove(1, Optional.empty()).objectionAfter(first)).isPresent();
        assertThat(Records.aliasMove(2, Optional.empty()).objectionAfter(first)).isPresent();
        assertThatThrownBy(() -> Records.aliasMove(1, previous))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(Records.aliasMove(2, Optional.of(Digest.sha256())).objectionAfter(first))
                .isPresent();
        AliasMove next =
                AliasMove.after(
                        Optional.of(first),
                        first.move().model(),
                        first.move().alias(),
                        Optional.empty());
        assertThat(next.objectionAfter(first)).isEmpty();
        assertThat(next.seq()).isEqualTo(2);
    }

    @Test
    void noAliasLooksLikeANumber() {
        for (String name : List.of("production", "canary-2", "v2")) {
            assertThat(new AliasName(name).value()).isEqualTo(name);
        }
        for (String name :
                List.of(
                        "",
                        "2",
                        "2b",
                        "latest",
                        "Production",
                        "a_b",
                        "-a",
                        "a".repeat(64),
                        "a\n")) {
            assertThatThrownBy(() -> new AliasName(name))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aPolicyRulesOnlyWhatItIsFor() throws Exception {
        VerifiedPolicy second = policy(Records.policy(2, Optional.of(Digest.sha256())));
        var demand = new PolicyDemand("ab".repeat(16), 2);
        var kind = PolicyReference.Kind.RELEASE;
        var model = Records.IDENTITY.model();
        assertThat(second.objection(kind, model, demand, Records.NOW)).isEmpty();
        assertThat(second.objection(PolicyReference.Kind.OUTPUT, model, demand, Records.NOW))
                .hasValueSatisfying(why -> assertThat(why).contains("kind"));
        assertThat(second.objection(kind, ModelName.parse("acme/other"), demand, Records.NOW))
                .hasValueSatisfying(why -> assertThat(why).contains("scope"));
        assertThat(second.objection(kind, model, Version.RELEASE_POLICY, Records.NOW))
                .hasValueSatisfying(why -> assertThat(why).contains("id"));
        assertThat(second.objection(kind, model, new PolicyDemand("ab".repeat(16), 3), Records.NOW))
                .hasValueSatisfying(why -> assertThat(why).contains("revision 3"));
        var late = Records.NOW.plus(Duration.ofSeconds(61));
        assertThat(second.objection(kind, model, demand, late))
                .hasValueSatisfying(why -> assertThat(why).contains("expired"));
    }

    @Test
    void aPolicyFollowsOnlyTheRevisionBeforeAndMayLeaveNumbersOut() throws Exception {
        VerifiedPolicy first = policy(Records.policy(1, Optional.empty()));
        Optional<Digest> previous = Optional.of(first.reference().digest());
        assertThat(policy(Records.policy(2, previous)).document().objectionAfter(first)).isEmpty();
        assertThat(policy(Records.policy(3, previous)).document().objectionAfter(first)).isEmpty();
        assertThat(
                        policy(Records.policy(2, Optional.of(Digest.sha256())))
                                .document()
                                .objectionAfter(first))
                .isPresent();
        assertThat(first.document().objectionAfter(first)).isPresent();
        assertThatThrownBy(() -> Records.policy(1, previous))
                .isInstanceOf(IllegalArgumentException.class);
        VerifiedPolicy begun = policy(Records.policy(2, Optional.empty()));
        assertThat(begun.document().objectionAfter(first)).isPresent();
        assertThat(first.document().objectionAfter(begun)).isPresent();
    }

    @Test
    void nothingFollowsAnImmutablePolicy() throws Exception {
        PolicyDocument plain = Records.policy(1, Optional.empty());
        String rules =
                "{\"version\":1,\"minPosture\":\"base\",\"require\":{\"claim\":"
                        + "\"snp.measurement\",\"op\":\"eq\",\"value\":\"ab\"},\"immutable\":true}";
        VerifiedPolicy first =
                policy(
                        new PolicyDocument(
                                plain.kind(),
                                plain.scope(),
                                plain.id(),
                                1,
                                Optional.empty(),
                                plain.notAfter(),
                                rules.getBytes(StandardCharsets.UTF_8)));
        Optional<Digest> previous = Optional.of(first.reference().digest());
        assertThat(policy(Records.policy(2, previous)).document().objectionAfter(first))
                .hasValueSatisfying(objection -> assertThat(objection).contains("immutable"));
    }

    @Test
    void anImportCertificateNeedsThePinnedKeyAndTime() throws Exception {
        var certificate = Records.importCertificate();
        Dsse signed = certificate.sign(Records.signer());
        assertThat(
                        ImportCertificate.verify(signed, Records.SPKI, Records.KEY_ID, Records.NOW)
                                .encode())
                .isEqualTo(certificate.encode());
        assertRefused(
                () -> ImportCertificate.verify(signed, OTHER_SPKI, Records.KEY_ID, Records.NOW),
                "pinned");
        assertRefused(
                () ->
                        ImportCertificate.verify(
                                signed, OTHER_SPKI, P256.keyId(OTHER_SPKI), Records.NOW),
                "no valid signature");
        var late = certificate.notAfter().plusMillis(1);
        assertRefused(
                () -> ImportCertificate.verify(signed, Records.SPKI, Records.KEY_ID, late),
                "expired");
    }

    @Test
    void aVaultIdentityIsBelievedUnderItsPinOnly() throws Exception {
        var identity = Records.vaultIdentity();
        Dsse signed = identity.sign(Records.signer());
        assertThat(VaultIdentity.verify(signed, Records.KEY_ID).encode())
                .isEqualTo(identity.encode());
        assertRefused(
                () -> VaultIdentity.verify(signed, P256.keyId(OTHER_SPKI)), "pinned ceremony key");
        Dsse forged = Dsse.sign(VaultIdentity.PAYLOAD_TYPE, identity.encode(), P256.signer(OTHER));
        assertRefused(() -> VaultIdentity.verify(forged, Records.KEY_ID), "no valid signature");
        assertThatThrownBy(() -> identity.sign(P256.signer(OTHER)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void leasesAndCountersignaturesAreTheVaultsOnly() throws Exception {
        Dsse lease = Records.lease().sign(Records.signer());
        assertRefused(() -> Lease.verify(lease, OTHER_SPKI), "no valid signature");
        assertRefused(() -> Countersignature.verify(lease, Records.SPKI), "expected type");
        Dsse countersignature = Records.countersignature().sign(Records.signer());
        assertRefused(
                () -> Countersignature.verify(countersignature, OTHER_SPKI), "no valid signature");
        assertRefused(() -> Lease.verify(countersignature, Records.SPKI), "expected type");
    }

    @Test
    void auditFieldsAreSortedAndBounded() {
        var fields = new TreeMap<String, String>();
        for (int i = 0; i <= AuditRecord.MAX_FIELDS; i++) {
            fields.put("f" + i, "");
        }
        assertThatThrownBy(() -> new AuditRecord(AuditRecord.POLICY_SET, Records.NOW, "a", fields))
                .isInstanceOf(IllegalArgumentException.class);
        byte[] swapped =
                new String(Records.audit().encode(), StandardCharsets.ISO_8859_1)
                        .replace("model", "zodel")
                        .getBytes(StandardCharsets.ISO_8859_1);
        assertRefused(() -> AuditRecord.decode(swapped), "ascending");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "acme", "acme/", "/m", "a/b/c", "A/b", "a/b_c", "a/b "})
    void refusesModelNames(String name) {
        assertThatThrownBy(() -> ModelName.parse(name))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void identitiesOfDifferentPlacesDiffer() {
        Identity identity = Records.IDENTITY;
        assertThat(
                        List.of(
                                Digest.sha256(identity.version()),
                                Digest.sha256(identity.file("a", 0)),
                                Digest.sha256(identity.file("a", 1)),
                                Digest.sha256(identity.file("b", 0)),
                                Digest.sha256(
                                        new Identity(
                                                        Suite.AES256_GCM_HKDF_1MB_OAEP_SHA256,
                                                        identity.ownerId(),
                                                        identity.model(),
                                                        identity.versionId())
                                                .version())))
                .doesNotHaveDuplicates();
    }

    private static VerifiedPolicy policy(PolicyDocument document) throws Exception {
        return PolicyDocument.verify(document.sign(Records.signer()), Records.KEY_ID, Records.SPKI);
    }

    private static void assertRefused(ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOf(SealedFormatException.class)
                .hasMessageContaining(message);
    }
}
