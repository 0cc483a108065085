package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.Version;
import java.security.KeyPair;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** One of each record, for tests of their encodings. */
final class Records {
    static final KeyPair KEYS = Version.p256();
    static final byte[] SPKI = KEYS.getPublic().getEncoded();
    static final Digest KEY_ID = P256.keyId(SPKI);
    static final Instant NOW = Version.NOW;
    static final Identity IDENTITY = Version.identity(KEYS, OaepHash.SHA1);

    private Records() {}

    static ContentStatement content() {
        return Version.content(
                IDENTITY,
                List.of(
                        new FileEntry("model.onnx", 1234, new byte[32]),
                        new FileEntry("weights.bin", 5_000_000, new byte[32])));
    }

    /** The same of a split version. */
    static ContentStatement splitContent() {
        return Version.content(
                new Identity(
                        Suite.split(OaepHash.SHA256),
                        IDENTITY.ownerId(),
                        IDENTITY.model(),
                        IDENTITY.versionId()),
                content().files());
    }

    static PartStatement part() {
        return new PartStatement(
                Version.AGENT,
                KEY_ID,
                IDENTITY.model(),
                IDENTITY.versionId(),
                Digest.sha256(splitContent().encode()),
                new byte[384]);
    }

    static PartRevocation partRevocation() {
        return new PartRevocation(
                Version.AGENT,
                KEY_ID,
                PartRevocation.Kind.VERSION,
                IDENTITY.versionId().hex(),
                "pushed by mistake",
                NOW);
    }

    static SealStatement seal(ContentStatement content) {
        return SealStatement.first(
                Digest.sha256(content.encode()),
                Digest.sha256(new byte[] {1}),
                new byte[60],
                new byte[32],
                content.files().stream()
                        .map(file -> new SegmentGeometry(file.plaintextBytes()).sealedBytes())
                        .map(size -> new SealedEntry(size, Digest.sha256()))
                        .toList());
    }

    static SealStatement renewedSeal(ContentStatement content) {
        SealStatement first = seal(content);
        return new SealStatement(
                3,
                Optional.of(Digest.sha256(new byte[] {2})),
                first.contentDigest(),
                first.importCiphertextDigest(),
                new byte[SealStatement.envelopeBytes(3)],
                first.commitment(),
                first.files());
    }

    static ResealProof resealProof() {
        return new ResealProof(
                SPKI,
                new byte[32],
                Digest.sha256(),
                lease().policies(),
                Posture.BASE,
                new byte[16],
                new Evidence(Evidence.Format.SNP_REPORT, new byte[1184], List.of(new byte[9])));
    }

    static PolicyDocument policy(long seq, Optional<Digest> previous) {
        return new PolicyDocument(
                PolicyReference.Kind.RELEASE,
                IDENTITY.model(),
                "ab".repeat(16),
                seq,
                previous,
                NOW.plusSeconds(60),
                new byte[] {'{', '}'});
    }

    static ImportCertificate importCertificate() {
        return Version.importCertificate(new byte[400], OaepHash.SHA256);
    }

    static VaultIdentity vaultIdentity() {
        return VaultIdentity.first(
                SPKI,
                Version.p256().getPublic().getEncoded(),
                new byte[500],
                "libsofthsm2.so",
                TrustLevel.SOFT_TOKEN,
                Tee.SIMULATED,
                Digest.sha256(),
                "vault.example/log");
    }

    static Lease lease() {
        return new Lease(
                new byte[32],
                new byte[32],
                new byte[16],
                1,
                IDENTITY.model(),
                IDENTITY.versionId(),
                7,
                Digest.sha256(),
                List.of(
                        new PolicyReference(
                                PolicyReference.Kind.RELEASE, "ab".repeat(16), 1, Digest.sha256()),
                        new PolicyReference(
                                PolicyReference.Kind.OUTPUT, "cd".repeat(16), 2, Digest.sha256())),
                TrustLevel.SOFT_TOKEN,
                1,
                Tee.SIMULATED,
                Digest.sha256(),
                Digest.sha256(),
                Digest.sha256(),
                Posture.BASE,
                NOW,
                NOW.plusSeconds(600),
                1000,
                42,
                42);
    }

    static ReceiptStatement receiptStatement(int answers, Digest root) {
        Lease lease = lease();
        return new ReceiptStatement(
                lease.bootId(),
                lease.seq(),
                lease.model(),
                lease.versionId(),
                lease.versionNumber(),
                lease.manifestDigest(),
                Optional.of(Digest.sha256(new byte[1])),
                lease.trustLevel(),
                lease.kekVersion(),
                Digest.sha256(),
                lease.releaseLeaf(),
                lease.auditLeaf(),
                NOW,
                answers,
                root);
    }

    static Receipt receipt(byte[] statement, int index, List<Digest> path, byte[] salt) {
        return new Receipt(
                statement,
                SPKI,
                index,
                path,
                salt,
                Digest.sha256(new byte[] {1}),
                Digest.sha256(new byte[] {2}),
                new byte[] {3},
                new byte[] {4},
                new Receipt.LogProof(42, new byte[] {5}, List.of(Digest.sha256()), "checkpoint"));
    }

    static AliasMove aliasMove(long seq, Optional<Digest> previous) {
        return new AliasMove(
                IDENTITY.model(),
                new AliasName("production"),
                seq,
                previous,
                Optional.of(IDENTITY.versionId()));
    }

    static Notice notice(Notice.Message message) {
        return new Notice(new byte[16], new byte[32], 3, NOW, message);
    }

    static Zeroisation zeroisation() {
        return new Zeroisation(
                new byte[16],
                2,
                IDENTITY.model(),
                IDENTITY.versionId(),
                Digest.sha256(),
                42,
                "lease.expired",
                NOW,
                17,
                4096,
                List.of("session memory", "heap"));
    }

    static FingerprintCommitment fingerprintCommitment() {
        return new FingerprintCommitment(
                new byte[16],
                IDENTITY.model(),
                IDENTITY.versionId(),
                Digest.sha256(),
                42,
                Digest.sha256(new byte[1]));
    }

    static Countersignature countersignature() {
        return new Countersignature(
                IDENTITY.model(),
                IDENTITY.versionId(),
                7,
                Digest.sha256(),
                Digest.sha256(),
                NOW,
                3);
    }

    static AuditRecord audit() {
        return new AuditRecord(
                AuditRecord.KEY_RELEASED,
                NOW,
                "spiffe://strongroom/acme/node/n1",
                new TreeMap<>(Map.of("model", "acme/embedder", "tee", "simulated")));
    }

    static ApprovalRequest approvalRequest() {
        return new ApprovalRequest(
                Change.of(new KekDestruction(IDENTITY.model().tenant(), 3, "00ff")),
                KEY_ID,
                "cd".repeat(16),
                NOW,
                NOW.plusSeconds(60));
    }

    static StatementSigner signer() {
        return P256.signer(KEYS);
    }
}
