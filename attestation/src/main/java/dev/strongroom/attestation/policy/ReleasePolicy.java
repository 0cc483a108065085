package dev.strongroom.attestation.policy;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.encoding.Json;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An owner's demands on the evidence of a node. The grammar is closed and everything outside it is
 * refused, so that a policy never means less than its author reads in it:
 *
 * <pre>{@code
 * {"version": 1, "minPosture": "base", "require": DEMAND}
 * and optionally, before the last brace:
 *   , "approvals": {"threshold": INTEGER, "approvers": [KEY ID, …]}
 *   , "witnesses": {"threshold": INTEGER, "keys": [VERIFIER KEY, …]}
 * DEMAND = {"allOf": [DEMAND, …]} | {"anyOf": [DEMAND, …]}
 *        | {"claim": NAME, "op": "eq", "value": STRING | INTEGER | BOOLEAN}
 *        | {"claim": NAME, "op": "in", "value": [STRING | INTEGER, …]}
 *        | {"claim": NAME, "op": "ge", "value": INTEGER}
 * }</pre>
 *
 * <p>A claim that the evidence does not have fails its demand. Lists are never empty, and every way
 * to satisfy a policy names {@code snp.measurement}: a policy that would accept any guest is not
 * accepted itself. The JSON reader takes no escapes, no floats and no duplicate keys. With {@code
 * approvals}, this revision and the next one count only when that many of these keys signed for
 * them; a key id is SHA-256 of a SubjectPublicKeyInfo, hex.
 *
 * <p>Immutable and thread-safe.
 */
public final class ReleasePolicy {
    private static final Set<String> FIELDS = Set.of("version", "minPosture", "require");
    private static final String APPROVALS = "approvals";
    private static final String WITNESSES = "witnesses";
    private static final Set<String> OPTIONAL_FIELDS = Set.of(APPROVALS, WITNESSES);
    private static final Set<String> APPROVAL_FIELDS = Set.of("threshold", "approvers");
    private static final Set<String> WITNESS_FIELDS = Set.of("threshold", "keys");
    private static final Set<String> LEAF_FIELDS = Set.of("claim", "op", "value");

    static final int MAX_BYTES = 64 * 1024; // one that names 500 measurements is 50 KiB

    private final Posture minPosture;
    private final Demand require;
    private final Optional<ApproverSet> approvals;
    private final Optional<WitnessSet> witnesses;

    private ReleasePolicy(
            Posture minPosture,
            Demand require,
            Optional<ApproverSet> approvals,
            Optional<WitnessSet> witnesses) {
        this.minPosture = minPosture;
        this.require = require;
        this.approvals = approvals;
        this.witnesses = witnesses;
    }

    /**
     * Reads a policy, at most 64 KiB of JSON.
     *
     * @throws PolicyFormatException if it is anything else than the grammar says
     */
    public static ReleasePolicy parse(byte[] json) throws PolicyFormatException {
        Map<?, ?> document = object(read(json), "policy");
        var expected = new TreeSet<>(FIELDS);
        OPTIONAL_FIELDS.stream().filter(document::containsKey).forEach(expected::add);
        requireFields(document, expected, "policy");
        if (!Long.valueOf(1).equals(document.get("version"))) {
            throw new PolicyFormatException("version: expected 1");
        }
        Demand require = demand(document.get("require"));
        if (!require.constrainsMeasurement()) {
            throw new PolicyFormatException(
                    "require: expected "
                            + Demand.MEASUREMENT
                            + " to be named on every way to satisfy it");
        }
        return new ReleasePolicy(
                posture(document.get("minPosture")),
                require,
                document.containsKey(APPROVALS)
                        ? Optional.of(approvers(document.get(APPROVALS)))
                        : Optional.empty(),
                document.containsKey(WITNESSES)
                        ? Optional.of(witnesses(document.get(WITNESSES)))
                        : Optional.empty());
    }

    private static Object read(byte[] json) throws PolicyFormatException {
        try {
            return Json.parse("policy", json, MAX_BYTES);
        } catch (MalformedEncodingException e) {
            throw new PolicyFormatException(String.valueOf(e.getMessage()));
        }
    }

    /**
     * A policy that demands one of these launch measurements and nothing else.
     *
     * @param measurements lower-case hex, at least one
     */
    public static ReleasePolicy ofMeasurements(List<String> measurements) {
        if (measurements.isEmpty()) {
            throw new IllegalArgumentException("measurements: none (expected: at least one)");
        }
        return new ReleasePolicy(
                Posture.BASE,
                new Demand.OneOf(Demand.MEASUREMENT, List.copyOf(new TreeSet<>(measurements))),
                Optional.empty(),
                Optional.empty());
    }

    /** Judges authentic claims and the posture level that the same evidence is bound to. */
    public PolicyDecision evaluate(Claims claims, Posture posture) {
        if (posture.level() < minPosture.level()) {
            return new PolicyDecision.Denied(
                    "policy.posture", "posture: expected at least " + label(minPosture));
        }
        Optional<PolicyDecision.Denied> refusal = require.refusal(claims);
        return refusal.isPresent() ? refusal.get() : new PolicyDecision.Allowed();
    }

    /** The lowest posture level this policy accepts. */
    public Posture minPosture() {
        return minPosture;
    }

    /** Who must approve this revision and the one after it; empty when nobody needs to. */
    public Optional<ApproverSet> approvals() {
        return approvals;
    }

    /** Who must have cosigned the checkpoint of a release; empty when nobody needs to. */
    public Optional<WitnessSet> witnesses() {
        return witnesses;
    }

    /**
     * The policy in its only canonical spelling: no white space, fields in a fixed order, the
     * values of {@code in} sorted and without repetition, {@code eq} as a list of one.
     */
    public String canonical() {
        return "{\"version\":1,\"minPosture\":\"%s\",\"require\":%s%s%s}"
                .formatted(
                        label(minPosture),
                        require.canonical(),
                        approvals.map(set -> ",\"approvals\":" + set.canonical()).orElse(""),
                        witnesses.map(set -> ",\"witnesses\":" + set.canonical()).orElse(""));
    }

    /** SHA-256 of the canonical form: equal for policies that differ in spelling only. */
    public Digest digest() {
        return Digest.sha256(canonical().getBytes(StandardCharsets.UTF_8));
    }

    private static Demand demand(@Nullable Object json) throws PolicyFormatException {
        Map<?, ?> node = object(json, "demand");
        if (node.keySet().equals(Set.of("allOf"))) {
            return new Demand.AllOf(parts(node.get("allOf"), "allOf"));
        }
        if (node.keySet().equals(Set.of("anyOf"))) {
            return new Demand.AnyOf(parts(node.get("anyOf"), "anyOf"));
        }
        requireFields(node, LEAF_FIELDS, "demand");
        String claim = claim(node.get("claim"));
        Object value = node.get("value");
        if ("eq".equals(node.get("op"))) {
            return new Demand.OneOf(claim, List.of(scalar(value, claim)));
        }
        if ("in".equals(node.get("op"))) {
            return new Demand.OneOf(claim, scalars(value, claim));
        }
        if ("ge".equals(node.get("op")) && value instanceof Long least) {
            return new Demand.AtLeast(claim, least);
        }
        throw new PolicyFormatException(
                claim + ": expected op eq, in, or ge with an integer value");
    }

    private static ApproverSet approvers(@Nullable Object json) throws PolicyFormatException {
        Map<?, ?> node = object(json, APPROVALS);
        requireFields(node, APPROVAL_FIELDS, APPROVALS);
        var approvers = new TreeSet<Digest>();
        for (Object keyId : nonEmpty(node.get("approvers"), "approvers")) {
            if (!approvers.add(keyId(keyId))) {
                throw new PolicyFormatException("approvers: expected no key id twice");
            }
        }
        int threshold = threshold(node, ApproverSet.MAX_APPROVERS);
        try {
            return new ApproverSet(threshold, approvers);
        } catch (IllegalArgumentException e) {
            throw new PolicyFormatException(String.valueOf(e.getMessage()));
        }
    }

    private static WitnessSet witnesses(@Nullable Object json) throws PolicyFormatException {
        Map<?, ?> node = object(json, WITNESSES);
        requireFields(node, WITNESS_FIELDS, WITNESSES);
        var keys = new TreeSet<String>();
        for (Object key : nonEmpty(node.get("keys"), "witnesses")) {
            if (!(key instanceof String text) || !keys.add(text)) {
                throw new PolicyFormatException("witnesses: expected different verifier keys");
            }
        }
        int threshold = threshold(node, WitnessSet.MAX_WITNESSES);
        try {
            return new WitnessSet(threshold, keys);
        } catch (IllegalArgumentException e) {
            throw new PolicyFormatException(String.valueOf(e.getMessage()));
        }
    }

    private static int threshold(Map<?, ?> node, int max) throws PolicyFormatException {
        if (node.get("threshold") instanceof Long threshold && threshold >= 1 && threshold <= max) {
            return Math.toIntExact(threshold);
        }
        throw new PolicyFormatException("threshold: expected 1 to " + max);
    }

    private static Digest keyId(@Nullable Object json) throws PolicyFormatException {
        if (json instanceof String hex && hex.matches("[0-9a-f]{64}")) {
            return new Digest(hex);
        }
        throw new PolicyFormatException("approvers: expected key ids of 64 lower-case hex digits");
    }

    private static List<Demand> parts(@Nullable Object json, String field)
            throws PolicyFormatException {
        var parts = new ArrayList<Demand>();
        for (Object part : nonEmpty(json, field)) {
            parts.add(demand(part));
        }
        return List.copyOf(parts);
    }

    private static List<String> scalars(@Nullable Object json, String claim)
            throws PolicyFormatException {
        var values = new TreeSet<String>();
        for (Object value : nonEmpty(json, claim)) {
            values.add(scalar(value, claim));
        }
        return List.copyOf(values);
    }

    private static String scalar(@Nullable Object json, String claim) throws PolicyFormatException {
        if (json instanceof String || json instanceof Long || json instanceof Boolean) {
            return json.toString();
        }
        throw new PolicyFormatException(claim + ": expected a string, an integer or a boolean");
    }

    private static String claim(@Nullable Object json) throws PolicyFormatException {
        if (json instanceof String name && name.matches("[a-z0-9]+([.-][a-z0-9]+)*")) {
            return name;
        }
        throw new PolicyFormatException("claim: expected a claim name");
    }

    private static Posture posture(@Nullable Object json) throws PolicyFormatException {
        for (Posture posture : Posture.values()) {
            if (label(posture).equals(json)) {
                return posture;
            }
        }
        throw new PolicyFormatException("minPosture: expected a posture level, for example base");
    }

    private static String label(Posture posture) {
        return posture.name().toLowerCase(Locale.ROOT);
    }

    private static Map<?, ?> object(@Nullable Object json, String what)
            throws PolicyFormatException {
        if (json instanceof Map<?, ?> map) {
            return map;
        }
        throw new PolicyFormatException(what + ": expected an object");
    }

    private static List<?> nonEmpty(@Nullable Object json, String what)
            throws PolicyFormatException {
        if (json instanceof List<?> list && !list.isEmpty()) {
            return list;
        }
        throw new PolicyFormatException(what + ": expected a list that is not empty");
    }

    private static void requireFields(Map<?, ?> node, Set<String> fields, String what)
            throws PolicyFormatException {
        if (!node.keySet().equals(fields)) {
            throw new PolicyFormatException(
                    what + ": expected exactly the fields " + new TreeSet<>(fields));
        }
    }
}
