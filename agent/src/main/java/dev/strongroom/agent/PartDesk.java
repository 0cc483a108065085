package dev.strongroom.agent;

import dev.strongroom.agent.DeniedException.Kind;
import dev.strongroom.attestation.Attested;
import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PartKey;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.PartRevocation;
import dev.strongroom.crypto.format.PartStatement;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Releases parts to nodes: judge, write the decision down, only then encrypt the part to the node.
 *
 * <p>Thread-safe: requests are judged side by side and decided one after the other.
 */
final class PartDesk {
    private static final Logger LOG = LoggerFactory.getLogger(PartDesk.class);

    private final AgentKeys keys;
    private final Appraiser appraiser;
    private final Decisions decisions;
    private final Gate gate;
    private final Nonces nonces;
    private final SecureRandom random;

    /** A part on its way to a node. */
    record Released(byte[] wrappedPart, long decision) {}

    private record Decided(PartStatement part, long decision) {}

    PartDesk(
            AgentKeys keys,
            Appraiser appraiser,
            Decisions decisions,
            Gate gate,
            Nonces nonces,
            SecureRandom random) {
        this.keys = keys;
        this.appraiser = appraiser;
        this.decisions = decisions;
        this.gate = gate;
        this.nonces = nonces;
        this.random = random;
    }

    /** A nonce for the peer's next request. */
    Nonces.Issued challenge(String peer) throws DeniedException {
        gate.requirePace(peer);
        return nonces.issue(peer);
    }

    /** Judges a node and releases the part to it, once for each nonce. */
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
        return gate.pass(peer, asked, () -> judgeAndRelease(peer, request));
    }

    private Released judgeAndRelease(String peer, PartRequest request)
            throws Refusal, IOException, DeniedException {
        Instant notAfter = nonces.find(peer, request.nonce()).orElseThrow(PartDesk::unknownNonce);
        Appraiser.Good good = appraiser.appraise(request, notAfter);
        Decided decided = decide(peer, request, good, notAfter);
        FaultPoint.RELEASE_RECORDED.reached();
        return new Released(wrap(peer, decided, good.node().value()), decided.decision());
    }

    private static Refusal unknownNonce() {
        return new Refusal(
                "nonce.unknown",
                "not one that is open: used, expired, another's, or older than this process");
    }

    private Decided decide(
            String peer, PartRequest request, Appraiser.Good good, Instant nonceNotAfter)
            throws Refusal, IOException {
        return decisions.decide((memory, pen) -> {
            PartStatement part = requirePart(memory, good);
            requireNewest(memory, good);
            requireNotRevoked(memory, good);
            if (!nonces.spend(request.nonce(), nonceNotAfter)) {
                throw unknownNonce();
            }
            return new Decided(
                    part, pen.write(Records.PART_RELEASED, peer, describe(good, request)));
        });
    }

    private static PartStatement requirePart(AgentMemory memory, Appraiser.Good good)
            throws Refusal {
        ContentStatement content = good.manifest().content();
        Digest digest = Digest.sha256(good.manifest().manifest().content().payload());
        PartStatement part =
                memory.part(content.versionId())
                        .orElseThrow(() ->
                                new Refusal(
                                        "part.unknown", "the owner gave no part of this version"));
        if (!part.contentDigest().equals(digest) || !part.model().equals(content.model())) {
            throw new Refusal("part.content", "the part is of another content statement");
        }
        return part;
    }

    private static void requireNewest(AgentMemory memory, Appraiser.Good good) throws Refusal {
        Optional<String> objection =
                memory.objection(good.releases()).or(() -> memory.objection(good.output()));
        if (objection.isPresent()) {
            throw new Refusal("policy.superseded", objection.get());
        }
    }

    private static void requireNotRevoked(AgentMemory memory, Appraiser.Good good) throws Refusal {
        Claims claims = good.node().claims();
        var subjects =
                Map.of(
                        PartRevocation.Kind.VERSION,
                        good.manifest().content().versionId().hex(),
                        PartRevocation.Kind.CHIP,
                        claims.chip(),
                        PartRevocation.Kind.MEASUREMENT,
                        claims.measurement());
        for (PartRevocation.Kind kind : PartRevocation.Kind.values()) {
            String subject = subjects.getOrDefault(kind, "");
            if (memory.isRevoked(kind, subject)) {
                throw new Refusal("revocation." + kind.label(), "the owner revoked " + subject);
            }
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
        fields.put("co-owners", node.transcript().owners().othersText());
        fields.put("tee", node.claims().tee().label());
        fields.put("attestation-root", node.claims().rootFingerprint().hex());
        fields.put("evidence", node.evidenceDigest().hex());
        fields.put("measurement", node.claims().measurement());
        fields.put("chip", node.claims().chip());
        fields.put("kem-key", Digest.sha256(node.value().kemSpki()).hex());
        fields.put("tls-key", Digest.sha256(node.value().tlsSpki()).hex());
        fields.put(Records.RELEASE_POLICY, Records.policy(good.releases().inForce().reference()));
        fields.put(Records.OUTPUT_POLICY, Records.policy(good.output().reference()));
        return fields;
    }

    /** A release that was decided and then failed is written down as well. */
    private byte[] wrap(String peer, Decided decided, PartKey node)
            throws IOException, DeniedException {
        try {
            byte[] part = keys.open(decided.part());
            try {
                return NodeKey.encrypt(part, node.kemSpki(), random);
            } finally {
                Arrays.fill(part, (byte) 0);
            }
        } catch (GeneralSecurityException e) {
            LOG.error("part.failed decision={}", decided.decision(), e);
            decisions.write(
                    Records.RELEASE_FAILED,
                    peer,
                    Map.of("release", Long.toString(decided.decision())));
            throw new DeniedException(
                    Kind.FAILED, "the agent could not make its answer; see its log");
        }
    }
}
