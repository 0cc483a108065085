package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.crypto.transparency.MerkleProofs;
import dev.strongroom.crypto.transparency.MerkleTree;
import java.util.ArrayList;
import java.util.List;

/**
 * One caller's receipt, complete: the signed statement, the place of his answer in its tree, and
 * what connects the node's key with the vault. Who knows the vault's pin can verify it offline.
 *
 * @param statement DSSE of {@link ReceiptStatement} by the node's TLS key
 * @param tlsSpki that key
 * @param index of the answer's leaf
 * @param path of the leaf, nearest hash first
 * @param salt that only this caller was given
 * @param request digest of what was asked
 * @param response digest of what was answered
 * @param vaultIdentity DSSE by the ceremony key
 * @param lease DSSE by the vault's signing key
 * @param proof that the log holds the lease's record
 */
public record Receipt(
        byte[] statement,
        byte[] tlsSpki,
        int index,
        List<Digest> path,
        byte[] salt,
        Digest request,
        Digest response,
        byte[] vaultIdentity,
        byte[] lease,
        LogProof proof) {
    public static final int SALT_BYTES = 16;
    public static final int MAX_BYTES = 256 * 1024;
    private static final int MAX_ENVELOPE_BYTES = 80 * 1024;
    private static final int MAX_KEY_BYTES = 256;
    private static final String DOMAIN = "strongroom/answer-receipt";

    /**
     * A leaf of the vault's log.
     *
     * @param leaf canonical record
     * @param checkpoint C2SP signed note
     */
    public record LogProof(long index, byte[] leaf, List<Digest> path, String checkpoint) {
        public LogProof {
            Strict.requireRange("leaf index", index, 0, Long.MAX_VALUE);
            Strict.requireAtMost("path", path.size(), MerkleProofs.MAX_PATH);
            path = List.copyOf(path);
        }
    }

    public Receipt {
        Strict.requireRange("index", index, 0, ReceiptStatement.MAX_ANSWERS - 1L);
        Strict.requireAtMost("path", path.size(), MerkleProofs.MAX_PATH);
        Strict.requireLength("salt", salt, SALT_BYTES);
        path = List.copyOf(path);
    }

    /** The leaf of one answer. */
    public static byte[] leaf(byte[] salt, Digest request, Digest response) {
        return Canonical.of("strongroom/answer", 1)
                .bytes(salt)
                .bytes(request.bytes())
                .bytes(response.bytes())
                .toByteArray();
    }

    /**
     * The statement, once the node's signature, the answer's place in the tree and its agreement
     * with the lease were checked; that the vault gave the lease is for the caller to verify.
     *
     * @param given the lease in {@link #lease}, verified
     */
    public ReceiptStatement verify(Lease given) throws SealedFormatException {
        ReceiptStatement said = ReceiptStatement.verify(Dsse.decode(statement), tlsSpki);
        require(
                given.tlsKeyDigest().equals(Digest.sha256(tlsSpki)),
                "the lease is for another key than the one that signed");
        var objection = said.objection(given);
        require(objection.isEmpty(), objection.orElse(""));
        require(
                index < said.answers()
                        && MerkleProofs.verifyInclusion(
                                MerkleTree.leafHash(leaf(salt, request, response)),
                                index,
                                said.answers(),
                                path,
                                said.root()),
                "the node's statement does not speak of this answer");
        return said;
    }

    private static void require(boolean condition, String otherwise) throws SealedFormatException {
        if (!condition) {
            throw new SealedFormatException("receipt: " + otherwise);
        }
    }

    public byte[] encode() {
        Canonical out = Canonical.of(DOMAIN, 1).bytes(statement).bytes(tlsSpki).u32(index);
        writePath(out, path);
        out.bytes(salt)
                .bytes(request.bytes())
                .bytes(response.bytes())
                .bytes(vaultIdentity)
                .bytes(lease)
                .u64(proof.index())
                .bytes(proof.leaf());
        writePath(out, proof.path());
        return out.text(proof.checkpoint()).toByteArray();
    }

    /** Reads a receipt; nothing in it is verified yet. */
    public static Receipt decode(byte[] encoded) throws SealedFormatException {
        return Strict.read(encoded, MAX_BYTES, DOMAIN, 1, Receipt::read);
    }

    private static Receipt read(CanonicalReader in) throws MalformedEncodingException {
        return new Receipt(
                in.bytes("statement", MAX_ENVELOPE_BYTES),
                in.bytes("TLS key", MAX_KEY_BYTES),
                in.u32("index"),
                readPath(in),
                in.fixed("salt", SALT_BYTES),
                Statements.readDigest(in, "request"),
                Statements.readDigest(in, "response"),
                in.bytes("vault identity", MAX_ENVELOPE_BYTES),
                in.bytes("lease", MAX_ENVELOPE_BYTES),
                new LogProof(
                        in.u64("leaf index"),
                        in.bytes("leaf", AuditRecord.MAX_BYTES),
                        readPath(in),
                        in.text("checkpoint", MAX_ENVELOPE_BYTES)));
    }

    private static void writePath(Canonical out, List<Digest> path) {
        out.u32(path.size());
        path.forEach(hash -> out.bytes(hash.bytes()));
    }

    private static List<Digest> readPath(CanonicalReader in) throws MalformedEncodingException {
        int count = in.count("path", MerkleProofs.MAX_PATH);
        var path = new ArrayList<Digest>();
        for (int i = 0; i < count; i++) {
            path.add(Statements.readDigest(in, "hash"));
        }
        return path;
    }
}
