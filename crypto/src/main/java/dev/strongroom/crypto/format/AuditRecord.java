package dev.strongroom.crypto.format;

import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One decision of the vault: a leaf of the audit tree. Store the encoded bytes; they hash to the
 * leaf.
 *
 * @param type stable name of the event, such as {@link #KEY_RELEASED}
 * @param time to the millisecond
 * @param actor identity that caused it, or {@code vault}
 * @param fields what a reader needs to judge it, by stable names; never secrets or content
 */
public record AuditRecord(
        String type, Instant time, String actor, SortedMap<String, String> fields) {
    public static final String VAULT_STARTED = "vault.started";
    public static final String TENANT_CREATED = "tenant.created";
    public static final String CERTIFICATE_ISSUED = "certificate.issued";
    public static final String IDENTITY_WITHDRAWN = "identity.withdrawn";
    public static final String POLICY_SET = "policy.set";
    public static final String VERSION_COMMITTED = "version.committed";
    public static final String RESEAL_BEGUN = "reseal.begun";
    public static final String RESEAL_REFUSED = "reseal.refused";
    public static final String VERSION_RESEALED = "version.resealed";
    public static final String ALIAS_MOVED = "alias.moved";
    public static final String KEY_RELEASED = "key.released";
    public static final String IMPORT_REFUSED = "import.refused";
    public static final String RELEASE_FAILED = "release.failed";
    public static final String RELEASE_REFUSED = "release.refused";
    public static final String LEASE_RENEWED = "lease.renewed";
    public static final String RENEWAL_REFUSED = "renewal.refused";
    public static final String REVOCATION_SET = "revocation.set";
    public static final String REVOCATION_LIFTED = "revocation.lifted";
    public static final String NODE_ZEROISED = "node.zeroised";
    public static final String NODE_FINGERPRINTED = "node.fingerprinted";
    public static final String TOKEN_RECOVERY = "token.recovery";
    public static final String KEK_CREATED = "kek.created";
    public static final String KEK_REWRAPPED = "kek.rewrapped";
    public static final String KEK_RETIRED = "kek.retired";
    public static final String APPROVAL_REQUESTED = "approval.requested";
    public static final String APPROVAL_GIVEN = "approval.given";
    public static final String APPROVAL_REJECTED = "approval.rejected";
    public static final String APPROVAL_ENDED = "approval.ended";
    public static final String APPROVERS_CHANGED = "approvers.changed";
    public static final String KEK_DESTROYED = "kek.destroyed";
    public static final String IMPORT_KEY_CREATED = "import-key.created";
    public static final String OWN_KEY_ROTATED = "own-key.rotated";
    public static final String OWN_KEY_RETIRED = "own-key.retired";
    public static final String BACKUP_CREATED = "backup.created";
    public static final String DECOY_PLANTED = "decoy.planted";
    public static final String DECOY_REMOVED = "decoy.removed";
    public static final String DECOY_TOUCHED = "decoy.touched";
    public static final String QUARANTINE_LIFTED = "quarantine.lifted";
    public static final String GUARD_TIGHTENED = "guard.tightened";
    public static final String GUARD_LOOSENED = "guard.loosened";
    public static final String ROTATION_PAUSED = "rotation.paused";
    public static final String ROTATION_RESUMED = "rotation.resumed";

    /** Before the name of a claim that a release was judged by. */
    public static final String CLAIM_PREFIX = "claim.";

    /** A batch of re-wraps names 256 records at most; nothing else comes near. */
    public static final int MAX_FIELDS = 300;

    public static final int MAX_BYTES = 64 * 1024;
    private static final int MAX_NAME_BYTES = 64;
    private static final int MAX_ACTOR_BYTES = 512;
    private static final int MAX_VALUE_BYTES = 4096;
    private static final String NAME = "[a-z0-9][a-z0-9._-]{0,63}";
    private static final String DOMAIN = "strongroom/audit";

    public AuditRecord {
        time = time.truncatedTo(ChronoUnit.MILLIS);
        fields = Collections.unmodifiableSortedMap(new TreeMap<>(fields));
        Strict.requireMatch("audit type", type, NAME);
        Strict.requireAtMost("audit fields", fields.size(), MAX_FIELDS);
        fields.keySet().forEach(name -> Strict.requireMatch("audit field name", name, NAME));
    }

    /**
     * Looks for what a reader expects, each under its own name: the same text in another field does
     * not count.
     *
     * @return the name of an expected field that is missing or says something else
     */
    public Optional<String> differsIn(Map<String, String> expected) {
        return new TreeMap<>(expected)
                .entrySet().stream()
                        .filter(field -> !field.getValue().equals(fields.get(field.getKey())))
                        .map(Map.Entry::getKey)
                        .findFirst();
    }

    public byte[] encode() {
        Canonical out =
                Canonical.of(DOMAIN, 1)
                        .text(type)
                        .u64(time.toEpochMilli())
                        .text(actor)
                        .u32(fields.size());
        for (Map.Entry<String, String> field : fields.entrySet()) {
            out.text(field.getKey()).text(field.getValue());
        }
        return out.toByteArray();
    }

    public static AuditRecord decode(byte[] encoded) throws SealedFormatException {
        return Strict.read(encoded, MAX_BYTES, DOMAIN, 1, AuditRecord::read);
    }

    private static AuditRecord read(CanonicalReader in) throws MalformedEncodingException {
        return new AuditRecord(
                in.text("type", MAX_NAME_BYTES),
                Instant.ofEpochMilli(in.u64("time")),
                in.text("actor", MAX_ACTOR_BYTES),
                readFields(in));
    }

    private static SortedMap<String, String> readFields(CanonicalReader in)
            throws MalformedEncodingException {
        int count = in.count("fields", MAX_FIELDS);
        var fields = new TreeMap<String, String>();
        for (int i = 0; i < count; i++) {
            String name = in.text("field name", MAX_NAME_BYTES);
            if (!fields.isEmpty() && fields.lastKey().compareTo(name) >= 0) {
                throw in.malformed("field names: expected ascending order, none twice");
            }
            fields.put(name, in.text("field value", MAX_VALUE_BYTES));
        }
        return fields;
    }
}
