package dev.strongroom.vault.audit;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.ReleaseRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The last lease of each boot of a node, as the log says, and what ended it. A lease that was
 * revoked stays ended when the revocation is lifted.
 *
 * <p>Thread-safe. It agrees with the log inside a write transaction, since both change there.
 */
public final class LeaseHistory implements LogView {
    /** A node that was cut off for as long can still report; afterwards it is forgotten. */
    private static final Duration REMEMBERED = Duration.ofDays(30);

    /**
     * What ended a lease before its time.
     *
     * @param rule stable name
     * @param leaf that says so
     */
    public record End(String rule, String reason, long leaf) {}

    /**
     * A node's commitment to the mark in its copy of the weights.
     *
     * @param leaf that holds it
     */
    public record Mark(Digest commitment, long leaf) {}

    /**
     * The last lease of a boot.
     *
     * @param bootId in hex
     * @param seq of the last lease
     * @param releaseLeaf of the release that the key came with
     * @param leaf of the last lease
     * @param fields of the record of the last lease
     * @param zeroised leaf of the node's statement
     * @param mark in the node's copy of the weights, if it has one
     */
    public record Held(
            String bootId,
            long seq,
            long releaseLeaf,
            long leaf,
            LeaseFacts facts,
            Map<String, String> fields,
            Instant notAfter,
            Optional<End> end,
            Optional<Long> zeroised,
            Optional<Mark> mark) {
        /** SHA-256 of the attested TLS key. */
        public Digest tlsKey() {
            return new Digest(fields.getOrDefault("tls-key", ""));
        }

        public boolean inForce(Instant now) {
            return end.isEmpty() && zeroised.isEmpty() && now.isBefore(notAfter);
        }

        private Held endedBy(End by) {
            return end.isPresent()
                    ? this
                    : new Held(
                            bootId,
                            seq,
                            releaseLeaf,
                            leaf,
                            facts,
                            fields,
                            notAfter,
                            Optional.of(by),
                            zeroised,
                            mark);
        }

        private Held zeroisedAt(long statement) {
            return new Held(
                    bootId,
                    seq,
                    releaseLeaf,
                    leaf,
                    facts,
                    fields,
                    notAfter,
                    end,
                    Optional.of(statement),
                    mark);
        }

        private Held marked(Mark by) {
            return new Held(
                    bootId,
                    seq,
                    releaseLeaf,
                    leaf,
                    facts,
                    fields,
                    notAfter,
                    end,
                    zeroised,
                    Optional.of(by));
        }
    }

    private final Map<String, Held> boots = new ConcurrentHashMap<>();
    private final Set<String> models = ConcurrentHashMap.newKeySet();
    private final Set<String> versions = ConcurrentHashMap.newKeySet();
    private Instant nextSweep = Instant.MIN;

    @Override
    public void add(AuditRecord record, long leaf) {
        switch (record.type()) {
            case AuditRecord.KEY_RELEASED -> hold(record, leaf, leaf);
            case AuditRecord.LEASE_RENEWED ->
                    hold(
                            record,
                            Long.parseLong(LogView.field(record, ReleaseRecord.RELEASE_LEAF)),
                            leaf);
            case AuditRecord.REVOCATION_SET -> revoke(Revocations.revocation(record, leaf));
            case AuditRecord.IDENTITY_WITHDRAWN ->
                    endOf(
                            LogView.field(record, "identity"),
                            new End(
                                    "identity.withdrawn",
                                    "the node's certificates were withdrawn",
                                    leaf));
            case AuditRecord.DECOY_TOUCHED ->
                    endOf(
                            LogView.field(record, "identity"),
                            new End("identity.quarantined", "the node is in quarantine", leaf));
            case AuditRecord.NODE_ZEROISED ->
                    boots.computeIfPresent(
                            LogView.field(record, "boot-id"), (_, held) -> held.zeroisedAt(leaf));
            case AuditRecord.NODE_FINGERPRINTED -> {
                var mark = new Mark(new Digest(LogView.field(record, "commitment")), leaf);
                boots.computeIfPresent(
                        LogView.field(record, "boot-id"), (_, held) -> held.marked(mark));
            }
            default -> {}
        }
        forgetBefore(record.time());
    }

    private void hold(AuditRecord record, long releaseLeaf, long leaf) {
        String bootId = LogView.field(record, "boot-id");
        models.add(LogView.field(record, "model"));
        versions.add(LogView.field(record, "version-id"));
        Optional<Mark> mark = Optional.ofNullable(boots.get(bootId)).flatMap(Held::mark);
        boots.put(
                bootId,
                new Held(
                        bootId,
                        Long.parseLong(LogView.field(record, "lease-seq")),
                        releaseLeaf,
                        leaf,
                        LeaseFacts.of(record.actor(), record.fields()),
                        record.fields(),
                        Instant.ofEpochMilli(Long.parseLong(LogView.field(record, "not-after"))),
                        Optional.empty(),
                        Optional.empty(),
                        mark));
    }

    private void revoke(Revocations.Revocation revocation) {
        var end = new End(revocation.target().rule(), revocation.reason(), revocation.leaf());
        boots.replaceAll((_, held) ->
                Revocations.concerns(revocation.scope(), revocation.target(), held.facts())
                        ? held.endedBy(end)
                        : held);
    }

    private void endOf(String node, End end) {
        boots.replaceAll((_, held) -> held.facts().node().equals(node) ? held.endedBy(end) : held);
    }

    private void forgetBefore(Instant now) {
        if (now.isBefore(nextSweep)) {
            return;
        }
        nextSweep = now.plus(Duration.ofHours(1));
        Instant oldest = now.minus(REMEMBERED);
        boots.values().removeIf(held -> held.notAfter().isBefore(oldest));
    }

    /** The last lease of a boot. */
    public Optional<Held> find(String bootId) {
        return Optional.ofNullable(boots.get(bootId));
    }

    /** Whether anybody ever had a lease on any version of a model. */
    public boolean wasLeased(ModelName model) {
        return models.contains(model.toString());
    }

    /**
     * Whether anybody ever had a lease on a version.
     *
     * @param version id in hex
     */
    public boolean wasLeased(String version) {
        return versions.contains(version);
    }

    /** Leases in force that a revocation of this scope and target would end. */
    public List<Held> under(String scope, RevocationTarget target, Instant now) {
        return boots.values().stream()
                .filter(held ->
                        held.inForce(now) && Revocations.concerns(scope, target, held.facts()))
                .toList();
    }
}
