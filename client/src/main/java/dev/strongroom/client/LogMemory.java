package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.transparency.Checkpoint;
import dev.strongroom.crypto.transparency.MerkleProofs;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import dev.strongroom.proto.v1.InclusionProof;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Remembers the newest checkpoint that was seen and refuses any that does not fit it: a vault that
 * was rolled back or shows different logs to different people is found out by its first answer.
 *
 * <p>Thread-safe, also between processes.
 */
final class LogMemory {
    private static final String NEXT =
            "keep the context folder as evidence: the vault was rolled back, or it shows different"
                    + " logs to different people; ask its operator";

    private final Profile profile;
    private final Path folder;
    private final Path file;

    LogMemory(Profile profile) throws IOException {
        this.profile = profile;
        this.folder = profile.stateFolder();
        this.file = folder.resolve("checkpoint");
    }

    /** Whether a checkpoint may be older than the one remembered. */
    enum Age {
        /** The vault's present state: anything older is a roll-back. */
        LATEST,
        /** Part of an earlier proof. */
        ANY
    }

    /**
     * Accepts a checkpoint whose signature has been verified, or refuses it: when the witnesses
     * that the profile demands did not cosign it, or when it does not fit the one remembered.
     *
     * @param proofs asked only when sizes differ
     */
    void accept(SignedCheckpoint seen, Age age, VaultIdentity vault, ConsistencyProofs proofs)
            throws ClientException, IOException {
        Proofs.requireWitnesses(seen, profile.witnesses());
        try (var _ = StateLock.hold(folder)) {
            Optional<SignedCheckpoint> remembered = read(vault);
            if (remembered.isPresent()) {
                requireOneLog(remembered.get().checkpoint(), seen.checkpoint(), age, proofs);
            }
            long known = remembered.map(last -> last.checkpoint().size()).orElse(-1L);
            if (seen.checkpoint().size() > known) {
                LocalFiles.replace(file, seen.note().getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    /**
     * Refuses unless the vault proves that its log speaks of what it was just asked to do.
     *
     * @param what as in "the log's leaf does not speak of …"
     * @return the leaf
     */
    long requireLogged(
            InclusionProof proof,
            VaultIdentity vault,
            ConsistencyProofs proofs,
            Predicate<AuditRecord> speaksOf,
            String what,
            String nextStep)
            throws ClientException, IOException {
        Proofs.ProvenLeaf leaf = Proofs.inclusion(proof, vault);
        Checks.require(
                speaksOf.test(leaf.record()), "the log's leaf does not speak of " + what, nextStep);
        accept(leaf.checkpoint(), Age.ANY, vault, proofs);
        return leaf.index();
    }

    Optional<SignedCheckpoint> read(VaultIdentity vault) throws ClientException, IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        return Optional.of(Proofs.checkpoint(Files.readString(file), vault));
    }

    private static void requireOneLog(
            Checkpoint remembered, Checkpoint seen, Age age, ConsistencyProofs proofs)
            throws ClientException {
        boolean older = seen.size() < remembered.size();
        if (older && age == Age.LATEST) {
            throw ClientException.unverified(
                    "the log has "
                            + seen.size()
                            + " leaves, but had "
                            + remembered.size()
                            + " when it was last seen",
                    NEXT);
        }
        Checkpoint from = older ? seen : remembered;
        Checkpoint to = older ? remembered : seen;
        List<Digest> path =
                from.size() == to.size() || from.size() == 0
                        ? List.of()
                        : proofs.between(from.size(), to.size());
        Checks.require(
                MerkleProofs.verifyConsistency(
                        from.size(), from.root(), to.size(), to.root(), path),
                "the log with "
                        + to.size()
                        + " leaves does not continue the one with "
                        + from.size()
                        + " that was seen",
                NEXT);
    }
}
