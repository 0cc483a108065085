package dev.strongroom.ops;

import dev.strongroom.attestation.Digest;
import dev.strongroom.client.ApprovalRequests.Shown;
import dev.strongroom.client.ClientException;
import dev.strongroom.crypto.format.Change;
import dev.strongroom.crypto.format.DecoyPlanting;
import dev.strongroom.crypto.format.KekDestruction;
import dev.strongroom.crypto.format.OwnKeyChange;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.format.QuarantineLift;
import dev.strongroom.crypto.format.SealedFormatException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** A request in words: what an approver reads before he signs. */
final class ShownRequest {
    private ShownRequest() {}

    static Answer.Fields fields(Shown shown) throws ClientException {
        var request = shown.request();
        return Answer.with("id", request.id())
                .with("kind", request.change().kind().label())
                .with("subject", request.change().subject())
                .with("document", document(shown))
                .with("document_digest", request.change().document().hex())
                .with("requester", request.requester().hex())
                .with("created_at", request.createdAt().toString())
                .with("not_after", request.notAfter().toString())
                .with("standing", shown.standing())
                .with("approvers", hex(shown.approvers()))
                .with("rejecters", hex(shown.rejecters()))
                .with(
                        "demands",
                        shown.demands().stream()
                                .map(demand ->
                                        Map.of(
                                                "threshold", demand.threshold(),
                                                "approvers", hex(demand.approvers())))
                                .toList());
    }

    /** Refuses a document that says something else than the request's own words. */
    private static SequencedMap<String, Object> document(Shown shown) throws ClientException {
        try {
            return switch (shown.request().change().kind()) {
                case KEK_DESTROY -> {
                    var destruction = KekDestruction.decode(shown.document());
                    requireSame(shown, Change.of(destruction));
                    yield destruction(destruction);
                }
                case POLICY_CHANGE -> {
                    var policy = PolicyDocument.decode(shown.document());
                    requireSame(shown, Change.of(policy));
                    yield policy(policy);
                }
                case CEREMONY -> {
                    var step = OwnKeyChange.decode(shown.document());
                    requireSame(shown, Change.of(step));
                    yield step(step);
                }
                case DECOY_PLANT -> {
                    var planting = DecoyPlanting.decode(shown.document());
                    requireSame(shown, Change.of(planting));
                    yield planting(planting);
                }
                case QUARANTINE_LIFT -> {
                    var lift = QuarantineLift.decode(shown.document());
                    requireSame(shown, Change.of(lift));
                    yield lift(lift);
                }
            };
        } catch (SealedFormatException e) {
            throw new ClientException(
                    ClientException.Kind.VERIFICATION_FAILED,
                    "the document of request " + shown.request().id() + ": " + e.getMessage(),
                    "do not sign it; ask who made the request",
                    e);
        }
    }

    private static void requireSame(Shown shown, Change ofDocument) throws ClientException {
        if (!shown.request().change().equals(ofDocument)) {
            throw ClientException.unverified(
                    "request " + shown.request().id() + " says another change than its document",
                    "do not sign it; ask who made the request");
        }
    }

    private static SequencedMap<String, Object> destruction(KekDestruction destruction) {
        return Answer.with("destroy_for_ever", "key-encryption key")
                .with("tenant", destruction.tenant().value())
                .with("version", destruction.version())
                .with("key_id", destruction.keyId())
                .row();
    }

    private static SequencedMap<String, Object> step(OwnKeyChange change) {
        return Answer.with("own_key", change.key())
                .with("step", change.step().label())
                .with("version", change.version())
                .with("vault", change.vault().hex())
                .row();
    }

    private static SequencedMap<String, Object> lift(QuarantineLift lift) {
        return Answer.with("let_in_again", lift.identity()).with("touch_leaf", lift.leaf()).row();
    }

    private static SequencedMap<String, Object> planting(DecoyPlanting planting) {
        return Answer.with("make_a_decoy", planting.kind()).with("of", planting.subject()).row();
    }

    private static SequencedMap<String, Object> policy(PolicyDocument policy) {
        return Answer.with("model", policy.scope().toString())
                .with("policy", policy.id())
                .with("seq", policy.seq())
                .with("previous", policy.previous().map(Digest::hex).orElse(""))
                .with("not_after", policy.notAfter().toString())
                .with("body", new String(policy.body(), StandardCharsets.UTF_8))
                .row();
    }

    private static List<String> hex(Collection<Digest> keys) {
        return keys.stream().map(Digest::hex).toList();
    }
}
