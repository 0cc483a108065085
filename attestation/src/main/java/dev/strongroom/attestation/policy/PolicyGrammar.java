package dev.strongroom.attestation.policy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.attestation.encoding.Json;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads the grammar that {@link ReleasePolicy} documents, and nothing outside it. */
final class PolicyGrammar {
    private static final Set<String> FIELDS = Set.of("version", "minPosture", "require");
    private static final String MIN_TRUST_LEVEL = "minTrustLevel";
    private static final String MIN_VERSION = "minVersion";
    private static final String APPROVALS = "approvals";
    private static final String WITNESSES = "witnesses";
    private static final String CO_OWNERS = "coOwners";
    private static final String IMMUTABLE = "immutable";
    private static final Set<String> OPTIONAL_FIELDS =
            Set.of(MIN_TRUST_LEVEL, MIN_VERSION, APPROVALS, WITNESSES, CO_OWNERS, IMMUTABLE);
    private static final Set<String> APPROVAL_FIELDS = Set.of("threshold", "approvers");
    private static final Set<String> WITNESS_FIELDS = Set.of("threshold", "keys");
    private static final Set<String> LEAF_FIELDS = Set.of("claim", "op", "value");
    private static final Set<String> ANY_FIELDS = Set.of("claim", "op");

    private static final String TDX_RECOVERY = "tdx.tcb.evaluation-number";

    static final int MAX_BYTES = 64 * 1024; // one that names 500 measurements is 50 KiB

    private PolicyGrammar() {}

    static ReleasePolicy parse(byte[] json) throws PolicyFormatException {
        Map<?, ?> document = object(read(json), "policy");
        var expected = new TreeSet<>(FIELDS);
        OPTIONAL_FIELDS.stream().filter(document::containsKey).forEach(expected::add);
        requireFields(document, expected, "policy");
        if (!Long.valueOf(1).equals(document.get("version"))) {
            throw new PolicyFormatException("version: expected 1");
        }
        Demand require = demand(document.get("require"));
        if (!Identity.isPinnedBy(require)) {
            throw new PolicyFormatException(
                    "require: expected what is launched to be named on every way to satisfy it, by"
                            + " eq or in on "
                            + Identity.EXPECTED);
        }
        return new ReleasePolicy(
                posture(document.get("minPosture")),
                require,
                document.containsKey(MIN_TRUST_LEVEL)
                        ? Optional.of(trustLevel(document.get(MIN_TRUST_LEVEL)))
                        : Optional.empty(),
                document.containsKey(MIN_VERSION)
                        ? OptionalLong.of(version(document.get(MIN_VERSION)))
                        : OptionalLong.empty(),
                document.containsKey(APPROVALS)
                        ? Optional.of(approvers(document.get(APPROVALS)))
                        : Optional.empty(),
                document.containsKey(WITNESSES)
                        ? Optional.of(witnesses(document.get(WITNESSES)))
                        : Optional.empty(),
                document.containsKey(CO_OWNERS)
                        ? Optional.of(coOwners(document.get(CO_OWNERS)))
                        : Optional.empty(),
                changeability(document));
    }

    private static ReleasePolicy.Changeability changeability(Map<?, ?> document)
            throws PolicyFormatException {
        if (!document.containsKey(IMMUTABLE)) {
            return ReleasePolicy.Changeability.REVISABLE;
        }
        if (Boolean.TRUE.equals(document.get(IMMUTABLE))) {
            return ReleasePolicy.Changeability.IMMUTABLE;
        }
        throw new PolicyFormatException("immutable: expected true, or the field left out");
    }

    private static Object read(byte[] json) throws PolicyFormatException {
        try {
            return Json.parse("policy", json, MAX_BYTES);
        } catch (MalformedEncodingException e) {
            throw new PolicyFormatException(String.valueOf(e.getMessage()));
        }
    }

    private static Demand demand(@Nullable Object json) throws PolicyFormatException {
        Map<?, ?> node = object(json, "demand");
        if (node.keySet().equals(Set.of("allOf"))) {
            return new Demand.AllOf(parts(node.get("allOf"), "allOf"));
        }
        if (node.keySet().equals(Set.of("anyOf"))) {
            return new Demand.AnyOf(parts(node.get("anyOf"), "anyOf"));
        }
        String claim = claim(node.get("claim"));
        requireFields(node, "any".equals(node.get("op")) ? ANY_FIELDS : LEAF_FIELDS, claim);
        ClaimTest test = test(node, claim);
        requireLeastRecovery(claim, test);
        return new Demand.Leaf(claim, test);
    }

    /**
     * Until its own dates end it, collateral from before a TCB recovery rates by what was known.
     */
    private static void requireLeastRecovery(String claim, ClaimTest test)
            throws PolicyFormatException {
        boolean bounded =
                switch (test) {
                    case ClaimTest.AtLeast(long value) -> value > 0;
                    case ClaimTest.OneOf _ -> true;
                    default -> false;
                };
        if (claim.equals(TDX_RECOVERY) && !bounded) {
            throw new PolicyFormatException(
                    claim
                            + ": expected op ge from 1 on, eq or in: who sends collateral could"
                            + " choose it from before Intel's last TCB recovery");
        }
    }

    private static ClaimTest test(Map<?, ?> node, String claim) throws PolicyFormatException {
        Object value = node.get("value");
        return switch (String.valueOf(node.get("op"))) {
            case "any" -> new ClaimTest.Any();
            case "eq" -> new ClaimTest.OneOf(List.of(scalar(value, claim)));
            case "in" -> new ClaimTest.OneOf(scalars(value, claim));
            case "notIn" -> new ClaimTest.NoneOf(scalars(value, claim));
            case "ge" -> new ClaimTest.AtLeast(integer(value, claim));
            case "bits" -> new ClaimTest.Bits(mask(value, claim));
            default ->
                    throw new PolicyFormatException(
                            claim + ": expected op eq, in, notIn, ge, bits or any");
        };
    }

    private static long integer(@Nullable Object json, String claim) throws PolicyFormatException {
        if (json instanceof Long number) {
            return number;
        }
        throw new PolicyFormatException(claim + ": expected an integer");
    }

    private static long mask(@Nullable Object json, String claim) throws PolicyFormatException {
        if (json instanceof String hex && hex.matches("[0-9a-f]{16}")) {
            return HexFormat.fromHexDigitsToLong(hex);
        }
        throw new PolicyFormatException(claim + ": expected 16 lower-case hex digits");
    }

    private static ApproverSet approvers(@Nullable Object json) throws PolicyFormatException {
        Map<?, ?> node = object(json, APPROVALS);
        requireFields(node, APPROVAL_FIELDS, APPROVALS);
        NavigableSet<Digest> approvers = keyIds(node.get("approvers"), "approvers");
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

    private static CoOwners coOwners(@Nullable Object json) throws PolicyFormatException {
        NavigableSet<Digest> ids = keyIds(json, CO_OWNERS);
        try {
            return new CoOwners(ids);
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

    private static NavigableSet<Digest> keyIds(@Nullable Object json, String what)
            throws PolicyFormatException {
        var ids = new TreeSet<Digest>();
        for (Object id : nonEmpty(json, what)) {
            if (!ids.add(keyId(id, what))) {
                throw new PolicyFormatException(what + ": expected no id twice");
            }
        }
        return ids;
    }

    private static Digest keyId(@Nullable Object json, String what) throws PolicyFormatException {
        if (json instanceof String hex && hex.matches("[0-9a-f]{64}")) {
            return new Digest(hex);
        }
        throw new PolicyFormatException(what + ": expected ids of 64 lower-case hex digits");
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
            if (ReleasePolicy.label(posture).equals(json)) {
                return posture;
            }
        }
        throw new PolicyFormatException("minPosture: expected a posture level, for example base");
    }

    private static TrustLevel trustLevel(@Nullable Object json) throws PolicyFormatException {
        try {
            return TrustLevel.ofLabel(json instanceof String label ? label : "");
        } catch (IllegalArgumentException e) {
            throw new PolicyFormatException(
                    "minTrustLevel: expected software, soft-token, hsm or hsm-trusted");
        }
    }

    private static long version(@Nullable Object json) throws PolicyFormatException {
        if (json instanceof Long number && number > 0) {
            return number;
        }
        throw new PolicyFormatException("minVersion: expected a version's number, from 1");
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
