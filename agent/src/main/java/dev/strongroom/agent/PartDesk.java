package dev.strongroom.agent;

import dev.strongroom.agent.DeniedException.Kind;
import dev.strongroom.attestation.Attested;
import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PartKey;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.PartRevocation;
import dev.strongroom.crypto.format.PartStatement;
import dev.strongroom.crypto.format.SealedFormatException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides every request, and has the decision on the disk before it has an effect. A request that
 * breaks a rule leaves a record with the rule's name; its sender learns the number of that record.
 *
 * <p>Thread-safe: requests are judged side by side and decided one after the other.
 */
final class PartDesk {
    /** Refusals of one peer that are looked at and written down; further ones have to wait. */
    static final int MAX_REFUSALS = 30;

    private static final int MAX_RECORDED_REFUSALS = 1000; // of all peers, an hour: half a megabyte
    private static final int MAX_REQUESTS = 120; // of one peer, a minute
    private static final String EVERYBODY = "*";
    private static final Logger LOG = LoggerFactory.getLogger(PartDesk.class);

    /** Claims that name what was launched and what it runs on, one kind of evidence each. */
    private static final List<String> MEASUREMENTS =
            List.of("snp.measurement", "tdx.mrtd", "nitro.pcr0");

    private static final List<String> CHIPS =
            List.of("snp.chip-id", "tdx.ppid", "nitro.instance-id");

    private final AgentKeys keys;
    private final AgentMemory memory;
    private final DecisionLog log;
    private final Appraiser appraiser;
    private final Nonces nonces;
    private final InstantSource clock;
    private final SecureRandom random;
    private final ReentrantLock deciding = new ReentrantLock();
    private final PeerPace requests;
    private final PeerPace refusals;
    private final PeerPace recorded;

    /** A part on its way to a node. */
    record Released(byte[] wrappedPart, long decision) {}

    private interface Step<T> {
        T run() throws Refusal, IOException, DeniedException;
    }

    PartDesk(
            AgentKeys keys,
            AgentMemory memory,
            DecisionLog log,
            Appraiser appraiser,
            Nonces nonces,
            InstantSource clock,
            SecureRandom random) {
        this.keys = keys;
        this.memory = memory;
        this.log = log;
        this.appraiser = appraiser;
        this.nonces = nonces;
        this.clock = clock;
        this.random = random;
        this.requests = new PeerPace(MAX_REQUESTS, Duration.ofMinutes(1), clock);
        this.refusals = new PeerPace(MAX_REFUSALS, Duration.ofMinutes(10), clock);
        this.recorded = new PeerPace(MAX_RECORDED_REFUSALS, Duration.ofHours(1), clock);
    }

    /** A nonce for the peer's next request. */
    Nonces.Issued challenge(String peer) throws DeniedException {
        requirePace(peer);
        return nonces.issue(peer)
                .orElseThrow(() ->
                        new DeniedException(
                                Kind.TOO_MANY,
                                "too many unanswered challenges; try again in "
                                        + Nonces.VALIDITY.toSeconds()
                                        + " s"));
    }

    /**
     * Takes a part from the owner.
     *
     * @return number of a decision since when the agent has it
     */
    long add(String peer, byte[] envelope, byte[] ownerSpki) throws DeniedException {
        return decide(peer, Map.of("asked", "add-part"), () -> add(envelope, ownerSpki));
    }

    private long add(byte[] envelope, byte[] ownerSpki) throws Refusal, IOException {
        PartStatement part;
        try {
            part = memory.part(envelope, ownerSpki);
            Arrays.fill(keys.open(part), (byte) 0);
        } catch (SealedFormatException e) {
            throw new Refusal("part.owner", e);
        } catch (GeneralSecurityException e) {
            throw new Refusal("part.key", "the part is not encrypted to this agent's part key");
        }
        deciding.lock();
        try {
            var before = memory.part(part.versionId());
            if (before.isPresent()) {
                if (Arrays.equals(before.get().encode(), part.encode())) {
                    return log.size() - 1;
                }
                throw new Refusal("part.exists", "the version has another part");
            }
            if (memory.parts() >= AgentMemory.MAX_PARTS) {
                throw new Refusal("part.room", "this agent has all the parts that it takes");
            }
            long decision =
                    write(
                            Records.PART_ADDED,
                            Records.OWNER,
                            Map.of(
                                    "model",
                                    part.model().toString(),
                                    "version-id",
                                    part.versionId().hex(),
                                    "content",
                                    part.contentDigest().hex(),
                                    Records.STATEMENT,
                                    Base64.getEncoder().encodeToString(envelope),
                                    Records.OWNER_KEY,
                                    Base64.getEncoder().encodeToString(ownerSpki)));
            FaultPoint.PART_RECORDED.reached();
            return decision;
        } finally {
            deciding.unlock();
        }
    }

    /** Takes a revocation from the owner; the same one again changes nothing. */
    long revoke(String peer, byte[] envelope, byte[] ownerSpki) throws DeniedException {
        return decide(peer, Map.of("asked", "revoke"), () -> revoke(envelope, ownerSpki));
    }

    private long revoke(byte[] envelope, byte[] ownerSpki) throws Refusal, IOException {
        PartRevocation revocation;
        try {
            revocation = memory.revocation(envelope, ownerSpki);
        } catch (SealedFormatException e) {
            throw new Refusal("revocation.owner", e);
        }
        deciding.lock();
        try {
            if (memory.isRevoked(revocation.kind(), revocation.subject())) {
                return log.size() - 1;
            }
            return write(
                    Records.PART_REVOKED,
                    Records.OWNER,
                    Map.of(
                            "kind",
                            revocation.kind().label(),
                            "subject",
                            revocation.subject(),
                            "reason",
                            Records.text(revocation.reason()),
                            Records.STATEMENT,
                            Base64.getEncoder().encodeToString(envelope),
                            Records.OWNER_KEY,
                            Base64.getEncoder().encodeToString(ownerSpki)));
        } finally {
            deciding.unlock();
        }
    }

    /** Judges a node and releases the part to it. The nonce is used up whatever comes of it. */
    Released release(String peer, PartRequest request) throws DeniedException {
        var asked =
                Map.of(
                        "asked",
                        "release",
                        "nonce",
                        HexFormat.of().formatHex(request.nonce()),
                        "boot-id",
                        HexFormat.of().formatHex(request.bootId()),
                        "manifest",
                        Digest.sha256(request.manifest()).hex());
        return decide(peer, asked, () -> judgeAndRelease(peer, request));
    }

    private Released judgeAndRelease(String peer, PartRequest request)
            throws Refusal, IOException, DeniedException {
        var notAfter =
                nonces.take(peer, request.nonce())
                        .orElseThrow(() ->
                                new Refusal(
                                        "nonce.unknown",
                                        "not one that is open: used, expired, another's, or older"
                                                + " than this process"));
        Appraiser.Good good = appraiser.appraise(request, notAfter);
        PartStatement part;
        long decision;
        deciding.lock();
        try {
            part = requirePart(good.manifest().content(), contentDigest(good));
            requireNewest(good);
            requireNotRevoked(good);
            decision = write(Records.PART_RELEASED, peer, describe(good, request));
        } finally {
            deciding.unlock();
        }
        FaultPoint.RELEASE_RECORDED.reached();
        return new Released(wrap(peer, part, good.node().value(), decision), decision);
    }

    private static Digest contentDigest(Appraiser.Good good) {
        return Digest.sha256(good.manifest().manifest().content().payload());
    }

    private PartStatement requirePart(ContentStatement content, Digest contentDigest)
            throws Refusal {
        PartStatement part =
                memory.part(content.versionId())
                        .orElseThrow(() ->
                                new Refusal(
                                        "part.unknown", "the owner gave no part of this version"));
        if (!part.contentDigest().equals(contentDigest) || !part.model().equals(content.model())) {
            throw new Refusal("part.content", "the part is of another content statement");
        }
        return part;
    }

    private void requireNewest(Appraiser.Good good) throws Refusal {
        var objection = memory.objection(good.releases()).or(() -> memory.objection(good.output()));
        if (objection.isPresent()) {
            throw new Refusal("policy.superseded", objection.get());
        }
    }

    private void requireNotRevoked(Appraiser.Good good) throws Refusal {
        Claims claims = good.node().claims();
        requireNotRevoked(PartRevocation.Kind.VERSION, good.manifest().content().versionId().hex());
        requireNotRevoked(PartRevocation.Kind.CHIP, first(claims, CHIPS));
        requireNotRevoked(PartRevocation.Kind.MEASUREMENT, first(claims, MEASUREMENTS));
    }

    private void requireNotRevoked(PartRevocation.Kind kind, String subject) throws Refusal {
        if (memory.isRevoked(kind, subject)) {
            throw new Refusal("revocation." + kind.label(), "the owner revoked " + subject);
        }
    }

    private static Map<String, String> describe(Appraiser.Good good, PartRequest request) {
        ContentStatement content = good.manifest().content();
        Attested<PartKey> node = good.node();
        HexFormat hex = HexFormat.of();
        var fields = new TreeMap<String, String>();
        fields.put("model", content.model().toString());
        fields.put("version-id", content.versionId().hex());
        fields.put("manifest", good.manifest().digest().hex());
        fields.put("boot-id", hex.formatHex(request.bootId()));
        fields.put("nonce", hex.formatHex(request.nonce()));
        fields.put("posture", Integer.toString(request.posture().level()));
        fields.put("tee", node.claims().tee().label());
        fields.put("attestation-root", node.claims().rootFingerprint().hex());
        fields.put("evidence", node.evidenceDigest().hex());
        fields.put("measurement", first(node.claims(), MEASUREMENTS));
        fields.put("chip", first(node.claims(), CHIPS));
        fields.put("kem-key", Digest.sha256(node.value().kemSpki()).hex());
        fields.put("tls-key", Digest.sha256(node.value().tlsSpki()).hex());
        fields.put(Records.RELEASE_POLICY, Records.policy(good.releases().inForce().reference()));
        fields.put(Records.OUTPUT_POLICY, Records.policy(good.output().reference()));
        return fields;
    }

    /** A release that was decided and then failed is written down as well. */
    private byte[] wrap(String peer, PartStatement statement, PartKey node, long decision)
            throws IOException, DeniedException {
        try {
            byte[] part = keys.open(statement);
            try {
                return NodeKey.encrypt(part, node.kemSpki(), random);
            } finally {
                Arrays.fill(part, (byte) 0);
            }
        } catch (GeneralSecurityException e) {
            LOG.error("part.failed decision={}", decision, e);
            writeAlone(Records.RELEASE_FAILED, peer, Map.of("release", Long.toString(decision)));
            throw new DeniedException(
                    Kind.FAILED, "the agent could not make its answer; see its log");
        }
    }

    private <T> T decide(String peer, Map<String, String> asked, Step<T> step)
            throws DeniedException {
        requirePace(peer);
        try {
            return step.run();
        } catch (Refusal refusal) {
            throw refused(peer, asked, refusal);
        } catch (IOException e) {
            throw unwritten(e);
        }
    }

    private void requirePace(String peer) throws DeniedException {
        if (!requests.step(peer) || refusals.isExhausted(peer)) {
            throw new DeniedException(
                    Kind.TOO_MANY, "too many requests or refusals; try again in some minutes");
        }
    }

    private DeniedException refused(String peer, Map<String, String> asked, Refusal refusal) {
        LOG.info("request.refused peer={} rule={}", peer, refusal.rule());
        refusals.step(peer);
        if (!recorded.step(EVERYBODY)) {
            return new DeniedException(Kind.TOO_MANY, "too many refusals; try again in an hour");
        }
        var fields = new TreeMap<>(asked);
        fields.put("rule", refusal.rule());
        fields.put("why", Records.text(String.valueOf(refusal.getMessage())));
        try {
            long decision = writeAlone(Records.REFUSED, peer, fields);
            return new DeniedException(
                    Kind.REFUSED,
                    "refused by decision "
                            + decision
                            + "; the agent's owner finds the rule in its log");
        } catch (IOException e) {
            return unwritten(e);
        }
    }

    private static DeniedException unwritten(IOException cause) {
        LOG.error("log.unwritable nothing is decided", cause);
        return new DeniedException(Kind.FAILED, "the agent could not write its decision down");
    }

    private long writeAlone(String type, String actor, Map<String, String> fields)
            throws IOException {
        deciding.lock();
        try {
            return write(type, actor, fields);
        } finally {
            deciding.unlock();
        }
    }

    /** The log first; then memory reads what the log has. Callers hold the lock. */
    private long write(String type, String actor, Map<String, String> fields) throws IOException {
        AuditRecord record = Records.of(type, clock.instant(), actor, fields);
        long decision = log.append(record);
        try {
            memory.read(decision, record);
        } catch (SealedFormatException e) {
            throw new IllegalStateException("a record of our own does not read", e);
        }
        return decision;
    }

    private static String first(Claims claims, List<String> names) {
        return names.stream()
                .map(name -> claims.values().getOrDefault(name, ""))
                .filter(value -> !value.isEmpty())
                .findFirst()
                .orElse("");
    }
}
