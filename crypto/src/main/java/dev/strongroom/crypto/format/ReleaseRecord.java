package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.PolicyReference;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the log must say of a release or a renewal for the lease that came of it to be believed. */
public final class ReleaseRecord {
    /** Field of a renewal: the leaf of the release that it renews. */
    public static final String RELEASE_LEAF = "release";

    /** When the lease ends, in milliseconds since 1970. */
    public static final String NOT_AFTER = "not-after";

    /** Calls until the lease is used up. */
    public static final String MAX_INFERENCES = "max-inferences";

    /** Owners whose models may be on the same node, ascending, with commas between; or empty. */
    public static final String CO_OWNERS = "co-owners";

    private ReleaseRecord() {}

    /**
     * Whom the node was launched for, as a record says.
     *
     * @param fields of the record
     * @param own the owner of the version that was released
     * @throws SealedFormatException if the record's list is not spelt as one is
     */
    public static NodeOwners owners(Map<String, String> fields, Digest own)
            throws SealedFormatException {
        String others = fields.getOrDefault(CO_OWNERS, "");
        try {
            return new NodeOwners(
                    own,
                    others.isEmpty()
                            ? List.of()
                            : Arrays.stream(others.split(",", -1)).map(Digest::new).toList());
        } catch (IllegalArgumentException e) {
            throw new SealedFormatException("its co-owners: " + e.getMessage(), e);
        }
    }

    /**
     * Compares a record of the log with a lease that the vault signed.
     *
     * @param owners whose version was released, and whom else the node was launched for; the lease
     *     names neither
     * @return why the record is not of this very release, empty when it is
     */
    public static Optional<String> objection(AuditRecord record, Lease lease, NodeOwners owners) {
        String type = lease.isRenewal() ? AuditRecord.LEASE_RENEWED : AuditRecord.KEY_RELEASED;
        if (!record.type().equals(type)) {
            return Optional.of("expected " + type);
        }
        if (!record.time().equals(lease.issuedAt())) {
            return Optional.of("its time is not the lease's");
        }
        Map<String, String> expected = new TreeMap<>(fields(lease, owners));
        if (lease.isRenewal()) {
            expected.put(RELEASE_LEAF, Long.toString(lease.releaseLeaf()));
        }
        return record.differsIn(expected).map(field -> "its " + field + " is not the lease's");
    }

    private static Map<String, String> fields(Lease lease, NodeOwners owners) {
        HexFormat hex = HexFormat.of();
        return Map.ofEntries(
                Map.entry("model", lease.model().toString()),
                Map.entry("version-id", lease.versionId().hex()),
                Map.entry("number", Long.toString(lease.versionNumber())),
                Map.entry("manifest", lease.manifestDigest().hex()),
                Map.entry("owner", owners.own().hex()),
                Map.entry(CO_OWNERS, owners.othersText()),
                Map.entry("nonce", hex.formatHex(lease.nonce())),
                Map.entry("lease-seq", Long.toString(lease.seq())),
                Map.entry("boot-id", hex.formatHex(lease.bootId())),
                Map.entry("kem-key", lease.kemKeyDigest().hex()),
                Map.entry("tls-key", lease.tlsKeyDigest().hex()),
                Map.entry("release-policy", policy(lease, PolicyReference.Kind.RELEASE)),
                Map.entry("output-policy", policy(lease, PolicyReference.Kind.OUTPUT)),
                Map.entry("tee", lease.tee().label()),
                Map.entry("attestation-root", lease.rootFingerprint().hex()),
                Map.entry("trust-level", lease.trustLevel().name()),
                Map.entry("kek", Integer.toString(lease.kekVersion())),
                Map.entry("posture", lease.posture().name()),
                Map.entry(NOT_AFTER, Long.toString(lease.notAfter().toEpochMilli())),
                Map.entry(MAX_INFERENCES, Long.toString(lease.maxInferences())));
    }

    /** A lease without one equals no record: a digest is never empty. */
    private static String policy(Lease lease, PolicyReference.Kind kind) {
        return lease.policies().stream()
                .filter(policy -> policy.kind() == kind)
                .map(policy -> policy.digest().hex())
                .findFirst()
                .orElse("");
    }
}
