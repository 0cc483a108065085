package dev.strongroom.client;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.ImportCertificate;
import dev.strongroom.crypto.format.KeySuccession;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.StatementSigner;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.transparency.Checkpoint;
import dev.strongroom.crypto.transparency.MerkleTree;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import dev.strongroom.proto.v1.InclusionProof;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** The keys and the log of a vault, with the formats' own code and no server around them. */
final class TestVault implements ConsistencyProofs {
    static final String ORIGIN = "test.example/log";

    /** One for all: making an RSA key takes as long as everything else. */
    private static final KeyPair IMPORT = rsa();

    private final SecureRandom random = new SecureRandom();
    private final KeyPair ceremony = P256.newKeyPair(random);
    private final KeyPair signing = P256.newKeyPair(random);
    private final KeyPair following = P256.newKeyPair(random);
    private final MerkleTree tree = new MerkleTree();
    private final List<byte[]> leaves = new ArrayList<>();
    private final TrustAnchors anchors;
    private final byte[] authority;

    TestVault(TrustAnchors anchors) {
        this(anchors, new byte[16]);
    }

    /**
     * @param authority that its certificates are of
     */
    TestVault(TrustAnchors anchors, byte[] authority) {
        this.anchors = anchors;
        this.authority = authority;
    }

    Digest pin() {
        return P256.keyId(ceremony.getPublic().getEncoded());
    }

    StatementSigner signer() {
        return P256.signer(signing);
    }

    VaultIdentity identity() {
        return identity(anchors.tee(), anchors.fingerprint());
    }

    byte[] identityEnvelope() throws SignatureException {
        return identity().sign(P256.signer(ceremony)).encode();
    }

    byte[] identityEnvelope(Tee tee, Digest root) throws SignatureException {
        return identity(tee, root).sign(P256.signer(ceremony)).encode();
    }

    /** Signs from the next leaf on. */
    StatementSigner nextSigner() {
        return P256.signer(following);
    }

    /** The identity under which another key signs from the next leaf on. */
    byte[] nextIdentity() throws SignatureException {
        byte[] next = following.getPublic().getEncoded();
        byte[] ending = signing.getPublic().getEncoded();
        var word = KeySuccession.sign(ORIGIN, signer(), ending, tree.size(), next);
        return identity().withSigningKey(next, word).sign(P256.signer(ceremony)).encode();
    }

    private VaultIdentity identity(Tee tee, Digest root) {
        return VaultIdentity.first(
                ceremony.getPublic().getEncoded(),
                signing.getPublic().getEncoded(),
                authority,
                "test module",
                TrustLevel.SOFT_TOKEN,
                tee,
                root,
                ORIGIN);
    }

    ImportCertificate importCertificate(TenantName tenant) {
        return new ImportCertificate(
                IMPORT.getPublic().getEncoded(),
                tenant,
                "test module",
                TrustLevel.SOFT_TOKEN,
                OaepHash.SHA1,
                Instant.now().plus(Duration.ofDays(1)));
    }

    long append(AuditRecord record) {
        leaves.add(record.encode());
        return tree.append(MerkleTree.leafHash(record.encode()));
    }

    void appendUnrelated(int count) {
        for (int i = 0; i < count; i++) {
            append(record("vault.started", new TreeMap<>()));
        }
    }

    static AuditRecord record(String type, SortedMap<String, String> fields) {
        return record(type, Instant.now(), fields);
    }

    static AuditRecord record(String type, Instant time, SortedMap<String, String> fields) {
        return new AuditRecord(type, time, "vault", fields);
    }

    UnaryOperator<SignedCheckpoint> onProof = UnaryOperator.identity();

    SignedCheckpoint checkpoint(long size) throws SignatureException {
        return SignedCheckpoint.sign(new Checkpoint(ORIGIN, size, tree.root(size)), signer());
    }

    long size() {
        return tree.size();
    }

    InclusionProof proof(long leaf) throws SignatureException {
        return InclusionProof.newBuilder()
                .setLeafIndex(leaf)
                .setLeaf(ByteString.copyFrom(leaves.get((int) leaf)))
                .addAllPath(
                        tree.inclusion(leaf, tree.size()).stream()
                                .map(hash -> ByteString.copyFrom(hash.bytes()))
                                .toList())
                .setCheckpoint(onProof.apply(checkpoint(tree.size())).note())
                .build();
    }

    @Override
    public List<Digest> between(long fromSize, long toSize) {
        return tree.consistency(fromSize, toSize);
    }

    private static KeyPair rsa() {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has RSA", e);
        }
    }
}
