package dev.strongroom.agent;

import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.crypto.format.AuditRecord;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The agent's records: types and fields are stable names (docs/format.md). */
final class Records {
    static final String CREATED = "agent.created";
    static final String PART_ADDED = "part.added";
    static final String PART_REVOKED = "part.revoked";
    static final String PART_RELEASED = "part.released";
    static final String RELEASE_FAILED = "part.failed";
    static final String REFUSED = "request.refused";

    static final String OWNER = "owner";
    static final String STATEMENT = "statement"; // base64 of the signed envelope
    static final String OWNER_KEY = "owner-key"; // base64
    static final String RELEASE_POLICY = "release-policy"; // id, revision, digest
    static final String OUTPUT_POLICY = "output-policy";

    private static final int MAX_TEXT = 500;

    private Records() {}

    static AuditRecord of(String type, Instant now, String actor, Map<String, String> fields) {
        return new AuditRecord(type, now, actor, new TreeMap<>(fields));
    }

    /** A policy revision in one field. */
    static String policy(PolicyReference policy) {
        return String.join(
                " ", List.of(policy.id(), Long.toString(policy.seq()), policy.digest().hex()));
    }

    /** What came from outside, cut to what a field takes. */
    static String text(String text) {
        String printable = text.replaceAll("[^\\p{Print}]", "?");
        return printable.length() > MAX_TEXT ? printable.substring(0, MAX_TEXT) : printable;
    }
}
