package dev.strongroom.client;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.ExchangeDigest;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.Receipt;
import dev.strongroom.crypto.format.ReceiptStatement;
import dev.strongroom.crypto.format.ReleaseRecord;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.proto.v1.InclusionProof;
import java.util.List;
import java.util.Optional;

/**
 * Verifies receipts offline: from the pinned ceremony key to the vault's identity, from there to
 * the lease and its record in the log, from the lease to the node's key, from that to the answer.
 *
 * <p>Thread-safe.
 */
public final class ReceiptCheck {
    private static final String NEXT = "keep the receipt; what it says is not proven";

    private final Digest pin;
    private final Digest owner;
    private final TrustAnchors anchors;

    /**
     * @param pin fingerprint of the ceremony key, learnt out of band
     * @param owner whose model was asked
     */
    public ReceiptCheck(Digest pin, Digest owner, TrustAnchors anchors) {
        this.pin = pin;
        this.owner = owner;
        this.anchors = anchors;
    }

    /**
     * What a receipt proves.
     *
     * @param statement that the node signed
     * @param lease under which it answered
     * @param coOwners whose models may have been on the same node, as the log says
     */
    public record Proven(
            ReceiptStatement statement,
            Lease lease,
            List<Digest> coOwners,
            Digest request,
            Digest response) {
        /**
         * Refuses unless this very question was asked.
         *
         * @param id of the request, empty if it had none
         */
        public void requireQuestion(String id, List<Tensor> inputs) throws ClientException {
            String model = statement.model().toString();
            Checks.require(
                    ExchangeDigest.request(model, id, TensorCodec.parts(inputs)).equals(request),
                    "the receipt is for another question",
                    "do not take it as proof for this one");
        }

        /**
         * Refuses unless this very answer was given.
         *
         * @param version that the answer names; empty is the one of the statement
         */
        public void requireAnswer(Optional<String> version, String id, List<Tensor> outputs)
                throws ClientException {
            String model = statement.model().toString();
            String number = version.orElse(Long.toString(statement.versionNumber()));
            Checks.require(
                    ExchangeDigest.response(model, number, id, TensorCodec.parts(outputs))
                            .equals(response),
                    "the receipt is for another answer",
                    "do not rely on this answer");
        }
    }

    /**
     * Verifies all of a receipt.
     *
     * @throws ClientException of kind VERIFICATION_FAILED, naming what does not hold
     */
    public Proven verify(Receipt receipt) throws ClientException {
        VaultIdentity vault = Vaults.verify(receipt.vaultIdentity(), pin, anchors);
        Lease lease =
                Checks.verified(
                        "the receipt's lease",
                        NEXT,
                        () -> Lease.verify(Dsse.decode(receipt.lease()), vault));
        Checks.require(
                anchors.accepts(lease.tee()) && anchors.believes(lease.rootFingerprint()),
                "the receipt's lease is of another world",
                NEXT);
        NodeOwners owners = owners(receipt.proof(), lease, vault);
        ReceiptStatement said = Checks.verified("the receipt", NEXT, () -> receipt.verify(lease));
        Checks.require(
                !said.time().isBefore(lease.issuedAt()) && said.time().isBefore(lease.notAfter()),
                "the receipt was signed outside the time of its lease",
                NEXT);
        return new Proven(said, lease, owners.others(), receipt.request(), receipt.response());
    }

    /** Whom the node was launched for, from the log's record of this very lease. */
    private NodeOwners owners(Receipt.LogProof proof, Lease lease, VaultIdentity vault)
            throws ClientException {
        var message =
                InclusionProof.newBuilder()
                        .setLeafIndex(proof.index())
                        .setLeaf(ByteString.copyFrom(proof.leaf()))
                        .setCheckpoint(proof.checkpoint());
        proof.path().forEach(hash -> message.addPath(ByteString.copyFrom(hash.bytes())));
        Proofs.ProvenLeaf leaf = Proofs.inclusion(message.build(), vault);
        Checks.require(
                leaf.index() == lease.auditLeaf(),
                "the log's leaf is not the one that the lease names",
                NEXT);
        NodeOwners owners =
                Checks.verified(
                        "the log's leaf",
                        NEXT,
                        () -> ReleaseRecord.owners(leaf.record().fields(), owner));
        Optional<String> objection = ReleaseRecord.objection(leaf.record(), lease, owners);
        Checks.require(
                objection.isEmpty(),
                "the log's leaf does not speak of this lease: " + objection.orElse(""),
                NEXT);
        return owners;
    }
}
