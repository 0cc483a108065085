package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.client.prepare.ModelSource;
import dev.strongroom.client.prepare.PrepareProcess;
import dev.strongroom.client.prepare.PrivateDirectory;
import dev.strongroom.client.trace.Comparison;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Preparation;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.fingerprint.FingerprintKey;
import dev.strongroom.fingerprint.FingerprintRoot;
import dev.strongroom.fingerprint.Recipient;
import dev.strongroom.fingerprint.RecipientKey;
import dev.strongroom.fingerprint.Score;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tests whether a suspect's weights carry the mark of a node that once served a version. Only marks
 * whose commitment the log holds count; the leaf of whoever is named is proved to be in it, and
 * signed by the key that was attested for the release.
 *
 * <p>Not thread-safe.
 */
public final class LeakTrace {
    /** Below 2^-64, whoever believes in chance must believe in more than a lottery. */
    public static final double NAMED_LOG2_P = -64;

    private final VaultConnection vault;
    private final AuditTrail trail;
    private final Progress progress;

    /**
     * A recipient and how well the suspect fits its mark.
     *
     * @param node URI of its certificate
     * @param leaf of its commitment
     * @param log2P base-2 logarithm of the bound on the p-value, for all recipients together
     */
    public record Finding(String node, String bootId, long leaf, Score score, double log2P) {
        public boolean named() {
            return log2P <= NAMED_LOG2_P;
        }
    }

    /**
     * What came of it.
     *
     * @param findings the best fit first
     */
    public record Result(Comparison comparison, List<Finding> findings) {
        public Result {
            findings = List.copyOf(findings);
        }
    }

    private record Mark(AuditTrail.Leaf leaf, Recipient recipient) {}

    /**
     * Identifies the vault first.
     *
     * @param vault with the owner's identity, and the fingerprint root in its profile
     * @param pin fingerprint of the ceremony key, learnt out of band
     */
    public LeakTrace(VaultConnection vault, Digest pin, TrustAnchors anchors, Progress progress)
            throws ClientException, IOException {
        this.vault = vault;
        this.trail = AuditTrail.of(vault, pin, anchors);
        this.progress = progress;
    }

    /**
     * Compares a suspect with the original and tests every recipient's mark.
     *
     * @param version verified to the owner
     * @param original the file that was pushed
     * @param suspect any ONNX file
     * @throws ClientException of kind CONFLICT when no node ever marked this version
     */
    public Result trace(VerifiedManifest version, Path original, Path suspect)
            throws ClientException, IOException, InterruptedException {
        List<Mark> marks = marks(version.content().versionId().hex());
        if (marks.isEmpty()) {
            throw new ClientException(
                    ClientException.Kind.CONFLICT,
                    "the log has no mark of this version",
                    "push with --fingerprint; what was served without marks cannot be traced");
        }
        Comparison comparison = compare(version, original, suspect);
        var findings = new ArrayList<Finding>();
        try (FingerprintRoot root = FingerprintFile.load(vault.profile());
                FingerprintKey key = root.forVersion(version.content().versionId().hex())) {
            for (Mark mark : marks) {
                test(comparison, key, mark, marks.size())
                        .ifPresentOrElse(findings::add, () -> warnOfForeign(mark));
            }
        }
        findings.sort(Comparator.comparingDouble(Finding::log2P));
        for (Finding finding : findings) {
            if (finding.named()) {
                AuditTrail.Leaf mark = trail.verifyLeaf(finding.leaf());
                MarkStatement.of(mark).verify(trail.verifyLeaf(MarkStatement.release(mark)));
            }
        }
        return new Result(comparison, findings);
    }

    private List<Mark> marks(String versionId) throws ClientException {
        var marks = new ArrayList<Mark>();
        trail.list(
                0,
                0,
                leaf -> {
                    Map<String, String> fields = leaf.record().fields();
                    if (leaf.record().type().equals(AuditRecord.NODE_FINGERPRINTED)
                            && versionId.equals(fields.get("version-id"))) {
                        marks.add(new Mark(leaf, recipient(fields)));
                    }
                });
        return marks;
    }

    private static Recipient recipient(Map<String, String> fields) {
        return new Recipient(
                fields.getOrDefault("boot-id", ""), index(fields.getOrDefault("release", "")));
    }

    /** A record that is none of a node's fits no recipient then. */
    private static long index(String decimal) {
        return decimal.matches("[0-9]{1,18}") ? Long.parseLong(decimal) : -1;
    }

    private Comparison compare(VerifiedManifest version, Path original, Path suspect)
            throws ClientException, IOException, InterruptedException {
        if (version.content().preparation() == Preparation.NONE) {
            return Comparison.of(original, suspect);
        }
        try (PrivateDirectory directory =
                PrivateDirectory.create(vault.profile().privateFolder())) {
            progress.step("preparing", 0);
            ModelSource prepared =
                    PrepareProcess.run(ModelSource.of(original), directory, progress);
            return Comparison.of(prepared.graph().path(), suspect);
        }
    }

    private void warnOfForeign(Mark mark) {
        progress.warning(
                "leaf "
                        + mark.leaf().index()
                        + " commits to a mark that is not of this profile's fingerprint root");
    }

    /** Empty when the record's commitment is none of this owner's marks. */
    private static Optional<Finding> test(
            Comparison comparison, FingerprintKey key, Mark mark, int recipients) {
        try (RecipientKey recipient = key.forRecipient(mark.recipient())) {
            Map<String, String> fields = mark.leaf().record().fields();
            String commitment = Digest.of(recipient.commitment()).hex();
            if (!commitment.equals(fields.get("commitment"))) {
                return Optional.empty();
            }
            Score score = comparison.residual().test(recipient);
            return Optional.of(
                    new Finding(
                            mark.leaf().record().actor(),
                            mark.recipient().bootId(),
                            mark.leaf().index(),
                            score,
                            score.log2PAmong(recipients)));
        }
    }
}
