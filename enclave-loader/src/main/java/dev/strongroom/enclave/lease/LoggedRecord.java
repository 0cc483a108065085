package dev.strongroom.enclave.lease;

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
import java.util.List;

/**
 * A record that is proved to be in the vault's log.
 *
 * @param index of its leaf
 * @param checkpoint that covers it, signed and cosigned as demanded
 */
record LoggedRecord(AuditRecord record, long index, SignedCheckpoint checkpoint) {
    /**
     * Checks a proof.
     *
     * @param what the record is of, such as {@code release}
     * @param witnesses that must have cosigned the checkpoint
     */
    static LoggedRecord of(
            String what, InclusionProof proof, VaultIdentity vault, WitnessQuorum witnesses)
            throws LeaseException {
        SignedCheckpoint signed =
                Integrity.verified(
                        "checkpoint", () -> SignedCheckpoint.parse(proof.getCheckpoint()));
        Checkpoint checkpoint =
                Integrity.verified(
                        "checkpoint",
                        () ->
                                signed.verify(
                                        NoteKey.of(vault.logOrigin(), vault.signingSpki()),
                                        witnesses));
        byte[] leaf = proof.getLeaf().toByteArray();
        Integrity.require(
                MerkleProofs.verifyInclusion(
                        MerkleTree.leafHash(leaf),
                        proof.getLeafIndex(),
                        checkpoint.size(),
                        path(proof.getPathList()),
                        checkpoint.root()),
                what + " proof: the log does not contain this " + what);
        return new LoggedRecord(
                Integrity.verified(what + " record", () -> AuditRecord.decode(leaf)),
                proof.getLeafIndex(),
                signed);
    }

    static List<Digest> path(List<ByteString> hashes) throws LeaseException {
        Integrity.require(
                hashes.size() <= MerkleProofs.MAX_PATH
                        && hashes.stream().allMatch(hash -> hash.size() == Digest.BYTES),
                "proof: expected at most 64 hashes of 32 bytes");
        return hashes.stream().map(hash -> Digest.of(hash.toByteArray())).toList();
    }
}
