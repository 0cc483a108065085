package dev.strongroom.client;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.transparency.Checkpoint;
import dev.strongroom.crypto.transparency.MerkleProofs;
import dev.strongroom.crypto.transparency.MerkleTree;
import dev.strongroom.crypto.transparency.NoteKey;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import dev.strongroom.proto.v1.InclusionProof;
import java.util.ArrayList;
import java.util.List;

/** Verifies what the log says against the vault's signing key. */
final class Proofs {
    private static final String NEXT =
            "keep the context folder as evidence and ask the vault's operator for an explanation";

    /** A leaf that the checkpoint covers. */
    record ProvenLeaf(long index, AuditRecord record, SignedCheckpoint checkpoint) {}

    private Proofs() {}

    static List<Digest> path(List<ByteString> hashes) throws ClientException {
        var path = new ArrayList<Digest>();
        for (ByteString hash : hashes) {
            if (hash.size() != Digest.BYTES || path.size() >= MerkleProofs.MAX_PATH) {
                throw ClientException.unverified("the log's proof is malformed", NEXT);
            }
            path.add(Digest.of(hash.toByteArray()));
        }
        return path;
    }

    /** A checkpoint that a signing key of the vault's signed while it was the present one. */
    static SignedCheckpoint checkpoint(String note, VaultIdentity vault) throws ClientException {
        return Checks.verified(
                "the log's checkpoint",
                NEXT,
                () -> {
                    var signed = SignedCheckpoint.parse(note);
                    signed.verify(signed.logKey(vault), WitnessQuorum.NONE);
                    return signed;
                });
    }

    /** The vault's latest checkpoint: its present key signed it. */
    static SignedCheckpoint latest(String note, VaultIdentity vault) throws ClientException {
        return Checks.verified(
                "the log's latest checkpoint",
                NEXT,
                () -> {
                    var signed = SignedCheckpoint.parse(note);
                    signed.verify(
                            NoteKey.of(vault.logOrigin(), vault.signingSpki()), WitnessQuorum.NONE);
                    return signed;
                });
    }

    /** Refuses a checkpoint that too few of the demanded witnesses cosigned. */
    static void requireWitnesses(SignedCheckpoint signed, WitnessQuorum demanded)
            throws ClientException {
        Checks.verified(
                "the log's checkpoint",
                "without the witnesses nobody can tell whether others are shown another log; ask the"
                        + " vault's operator whether it asks them",
                () -> {
                    demanded.require(signed);
                    return signed;
                });
    }

    static ProvenLeaf inclusion(InclusionProof proof, VaultIdentity vault) throws ClientException {
        SignedCheckpoint signed = checkpoint(proof.getCheckpoint(), vault);
        Checkpoint checkpoint = signed.checkpoint();
        byte[] leaf = proof.getLeaf().toByteArray();
        Checks.require(
                MerkleProofs.verifyInclusion(
                        MerkleTree.leafHash(leaf),
                        proof.getLeafIndex(),
                        checkpoint.size(),
                        path(proof.getPathList()),
                        checkpoint.root()),
                "leaf " + proof.getLeafIndex() + " is not in the log of the signed checkpoint",
                NEXT);
        AuditRecord record =
                Checks.verified("the log's leaf", NEXT, () -> AuditRecord.decode(leaf));
        return new ProvenLeaf(proof.getLeafIndex(), record, signed);
    }
}
