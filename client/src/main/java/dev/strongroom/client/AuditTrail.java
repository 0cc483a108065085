package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.SigningPeriod;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.transparency.Checkpoint;
import dev.strongroom.crypto.transparency.MerkleTree;
import dev.strongroom.crypto.transparency.NoteKey;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import dev.strongroom.proto.v1.GetCheckpointRequest;
import dev.strongroom.proto.v1.GetInclusionProofRequest;
import dev.strongroom.proto.v1.ListLeavesRequest;
import dev.strongroom.proto.v1.ListLeavesResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/** Reads and checks the vault's log against the pinned key and what was seen before. */
public final class AuditTrail {
    private static final String NEXT =
            "keep the context folder as evidence and ask the vault's operator for an explanation";

    private final VaultConnection vault;
    private final VaultIdentity identity;

    private AuditTrail(VaultConnection vault, VaultIdentity identity) {
        this.vault = vault;
        this.identity = identity;
    }

    /** A leaf at its place. */
    public record Leaf(long index, AuditRecord record) {}

    /**
     * Identifies the vault first.
     *
     * @param pin fingerprint of the ceremony key, learnt out of band
     */
    public static AuditTrail of(VaultConnection vault, Digest pin, TrustAnchors anchors)
            throws ClientException, IOException {
        return new AuditTrail(vault, vault.identify(pin, anchors));
    }

    /** The key that signs the log, as witnesses are told it. */
    public NoteKey logKey() throws ClientException {
        return Checks.verified(
                "the vault's signing key",
                NEXT,
                () -> NoteKey.of(identity.logOrigin(), identity.signingSpki()));
    }

    /** The keys that signed it before, newest first, each with the size up to which it counts. */
    public List<String> earlierLogKeys() throws ClientException {
        var keys = new ArrayList<String>();
        for (SigningPeriod period : identity.signingPeriods()) {
            if (period.end() != SigningPeriod.OPEN) {
                NoteKey key =
                        Checks.verified(
                                "an earlier signing key of the vault's",
                                NEXT,
                                () -> NoteKey.of(identity.logOrigin(), period.spki()));
                keys.add(key.text() + " until " + period.end());
            }
        }
        return keys;
    }

    /** The latest checkpoint: signed by the vault, and continuing what was seen before. */
    public Checkpoint verifyCheckpoint() throws ClientException, IOException {
        String note =
                vault.audit()
                        .getCheckpoint(GetCheckpointRequest.getDefaultInstance())
                        .getCheckpoint();
        SignedCheckpoint signed = Proofs.latest(note, identity);
        new LogMemory(vault.profile()).accept(signed, LogMemory.Age.LATEST, identity, vault);
        return signed.checkpoint();
    }

    /** One leaf with the proof that the log has it. */
    public Leaf verifyLeaf(long index) throws ClientException, IOException {
        var request = GetInclusionProofRequest.newBuilder().setLeafIndex(index).build();
        Proofs.ProvenLeaf leaf =
                Proofs.inclusion(vault.audit().getInclusionProof(request).getProof(), identity);
        Checks.require(
                leaf.index() == index, "the vault proved leaf " + leaf.index() + " instead", NEXT);
        new LogMemory(vault.profile())
                .accept(leaf.checkpoint(), LogMemory.Age.LATEST, identity, vault);
        return new Leaf(leaf.index(), leaf.record());
    }

    /**
     * Fetches every leaf and rebuilds the tree of the latest checkpoint from them.
     *
     * @return that checkpoint
     * @throws ClientException of kind DENIED for an identity of a tenant, which is shown the
     *     records of its tenant only
     */
    public Checkpoint verifyAll() throws ClientException, IOException {
        requireSeesAll(OwnName.of(vault.profile()));
        Checkpoint checkpoint = verifyCheckpoint();
        var tree = new MerkleTree();
        for (Iterator<ListLeavesResponse> leaves = leaves(0, checkpoint.size());
                leaves.hasNext(); ) {
            ListLeavesResponse leaf = leaves.next();
            requirePlace(leaf, tree.size());
            tree.append(MerkleTree.leafHash(leaf.getLeaf().toByteArray()));
        }
        Checks.require(
                tree.size() == checkpoint.size() && tree.root().equals(checkpoint.root()),
                "the leaves that the vault lists do not make the tree it signed",
                NEXT);
        return checkpoint;
    }

    private static void requireSeesAll(OwnName caller) throws ClientException {
        if (caller.isOfTenant()) {
            throw new ClientException(
                    ClientException.Kind.DENIED,
                    caller + " is shown the records of its tenant only, which make no whole tree",
                    "leave out --all, or use a --context of role auditor or operator");
        }
    }

    /**
     * Lists leaves as the vault tells them; {@link #verifyAll} proves them.
     *
     * @param to exclusive, 0 for the end
     */
    public void list(long from, long to, Consumer<Leaf> each) throws ClientException {
        long next = from;
        for (Iterator<ListLeavesResponse> leaves = leaves(from, to); leaves.hasNext(); ) {
            ListLeavesResponse leaf = leaves.next();
            requireAfter(leaf, next);
            next = leaf.getLeafIndex() + 1;
            byte[] bytes = leaf.getLeaf().toByteArray();
            each.accept(
                    new Leaf(
                            leaf.getLeafIndex(),
                            Checks.verified(
                                    "leaf " + leaf.getLeafIndex(),
                                    NEXT,
                                    () -> AuditRecord.decode(bytes))));
        }
    }

    private Iterator<ListLeavesResponse> leaves(long from, long to) {
        return vault.listings()
                .listLeaves(
                        ListLeavesRequest.newBuilder().setFromIndex(from).setToIndex(to).build());
    }

    /** A caller who may not see all leaves gets his own only, still in their order. */
    private static void requireAfter(ListLeavesResponse leaf, long least) throws ClientException {
        Checks.require(
                leaf.getLeafIndex() >= least,
                "the vault listed leaf " + leaf.getLeafIndex() + " after " + (least - 1),
                NEXT);
    }

    private static void requirePlace(ListLeavesResponse leaf, long expected)
            throws ClientException {
        Checks.require(
                leaf.getLeafIndex() == expected,
                "the vault listed leaf " + leaf.getLeafIndex() + " in place of " + expected,
                NEXT);
    }
}
