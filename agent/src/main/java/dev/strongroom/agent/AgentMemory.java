package dev.strongroom.agent;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.PartRevocation;
import dev.strongroom.crypto.format.PartRevocation.Kind;
import dev.strongroom.crypto.format.PartStatement;
import dev.strongroom.crypto.format.PolicyChain;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.VerifiedPolicy;
import dev.strongroom.crypto.format.VersionId;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the agent knows: parts, revocations, and the newest revision of each policy that it released
 * under. All of it is read from the log's records, the owner's signatures included, whether they
 * were written a moment ago or before a restart.
 *
 * <p>Not thread-safe.
 */
final class AgentMemory {
    /** One owner's split versions; each takes about 3 KiB. */
    static final int MAX_PARTS = 10_000;

    private static final String TEE = "tee";
    private static final String ROOT = "attestation-root";
    private static final String AGENT = "agent";

    private final OwnerWord owners;
    private final TrustAnchors anchors;
    private final Map<VersionId, PartStatement> parts = new HashMap<>();
    private final Set<Revoked> revoked = new HashSet<>();
    private final Map<String, Revision> policies = new HashMap<>();
    private long newest = -1;

    private record Revoked(Kind kind, String subject) {}

    private record Revision(long seq, Digest digest) {}

    AgentMemory(OwnerWord owners, TrustAnchors anchors) {
        this.owners = owners;
        this.anchors = anchors;
    }

    /** What the first record of a log says: whose it is, and in which world. */
    static Map<String, String> birth(OwnerWord owners, TrustAnchors anchors) {
        return Map.of(
                AGENT,
                owners.agent().hex(),
                Records.OWNER,
                owners.owner().hex(),
                TEE,
                anchors.tee().label(),
                ROOT,
                anchors.fingerprint().hex());
    }

    /**
     * Takes in one record.
     *
     * @throws SealedFormatException when it cannot be of this agent's log
     */
    void read(long number, AuditRecord record) throws SealedFormatException {
        if ((number == 0) != record.type().equals(Records.CREATED)) {
            throw new SealedFormatException(
                    "decision " + number + ": expected the agent's creation at 0 and nowhere else");
        }
        switch (record.type()) {
            case Records.CREATED -> requireBirth(record);
            case Records.PART_ADDED -> {
                PartStatement part = owners.part(envelope(record), ownerKey(record));
                parts.put(part.versionId(), part);
            }
            case Records.PART_REVOKED -> {
                PartRevocation revocation = owners.revocation(envelope(record), ownerKey(record));
                revoked.add(new Revoked(revocation.kind(), revocation.subject()));
            }
            case Records.PART_RELEASED -> {
                remember(field(record, Records.RELEASE_POLICY));
                remember(field(record, Records.OUTPUT_POLICY));
            }
            default -> {
                // A refusal changes nothing.
            }
        }
        newest = number;
    }

    /** Number of the newest decision; -1 in a log that was not begun. */
    long newest() {
        return newest;
    }

    private void requireBirth(AuditRecord record) throws SealedFormatException {
        Optional<String> other = record.differsIn(birth(owners, anchors));
        if (other.isPresent()) {
            boolean simulated = Tee.SIMULATED.label().equals(record.fields().get(TEE));
            throw new SealedFormatException(
                    "the log is of an agent with another "
                            + other.get()
                            + (simulated ? ", born in a simulated world" : ""));
        }
    }

    Optional<PartStatement> part(VersionId version) {
        return Optional.ofNullable(parts.get(version));
    }

    int parts() {
        return parts.size();
    }

    boolean isRevoked(Kind kind, String subject) {
        return revoked.contains(new Revoked(kind, subject));
    }

    /**
     * Why a release policy may not follow those that this agent released under: an older revision,
     * another document of the same number, or another past.
     */
    Optional<String> objection(PolicyChain chain) {
        PolicyReference now = chain.inForce().reference();
        Revision seen = policies.get(now.id());
        if (seen != null && seen.seq() < now.seq() && !chain.contains(seen.seq(), seen.digest())) {
            return Optional.of("revision " + now.seq() + " does not follow from " + seen.seq());
        }
        return objection(chain.inForce());
    }

    /** The same for a policy without its past. */
    Optional<String> objection(VerifiedPolicy policy) {
        PolicyReference now = policy.reference();
        Revision seen = policies.get(now.id());
        if (seen == null || now.seq() > seen.seq() || isSame(seen, now)) {
            return Optional.empty();
        }
        return Optional.of(
                "revision " + now.seq() + ", and revision " + seen.seq() + " was seen before");
    }

    private static boolean isSame(Revision seen, PolicyReference now) {
        return seen.seq() == now.seq() && seen.digest().equals(now.digest());
    }

    private void remember(String policy) throws SealedFormatException {
        String[] words = policy.split(" ", -1);
        if (words.length != 3) {
            throw new SealedFormatException("policy: expected id, revision and digest");
        }
        try {
            policies.put(words[0], new Revision(Long.parseLong(words[1]), new Digest(words[2])));
        } catch (IllegalArgumentException e) {
            throw new SealedFormatException("policy: expected id, revision and digest", e);
        }
    }

    private static byte[] envelope(AuditRecord record) throws SealedFormatException {
        return base64(field(record, Records.STATEMENT));
    }

    private static byte[] ownerKey(AuditRecord record) throws SealedFormatException {
        return base64(field(record, Records.OWNER_KEY));
    }

    private static byte[] base64(String text) throws SealedFormatException {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new SealedFormatException("record: expected base64", e);
        }
    }

    private static String field(AuditRecord record, String name) throws SealedFormatException {
        String value = record.fields().get(name);
        if (value == null) {
            throw new SealedFormatException(record.type() + ": expected the field " + name);
        }
        return value;
    }
}
