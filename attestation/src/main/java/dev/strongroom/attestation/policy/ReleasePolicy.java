package dev.strongroom.attestation.policy;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.RuleOutcome;
import dev.strongroom.attestation.TrustLevel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * An owner's demands on the evidence of a node. The grammar is closed and everything outside it is
 * refused, so that a policy never means less than its author reads in it:
 *
 * <pre>{@code
 * {"version": 1, "minPosture": "base", "require": DEMAND}
 * and optionally, before the last brace:
 *   , "minTrustLevel": "software" | "soft-token" | "hsm" | "hsm-trusted"
 *   , "minVersion": INTEGER
 *   , "approvals": {"threshold": INTEGER, "approvers": [KEY ID, …]}
 *   , "witnesses": {"threshold": INTEGER, "keys": [VERIFIER KEY, …]}
 *   , "coOwners": [OWNER ID, …]
 *   , "immutable": true
 * DEMAND = {"allOf": [DEMAND, …]} | {"anyOf": [DEMAND, …]}
 *        | {"claim": NAME, "op": "eq", "value": STRING | INTEGER | BOOLEAN}
 *        | {"claim": NAME, "op": "in" | "notIn", "value": [STRING | INTEGER | BOOLEAN, …]}
 *        | {"claim": NAME, "op": "ge", "value": INTEGER}
 *        | {"claim": NAME, "op": "bits", "value": 16 HEX DIGITS}
 *        | {"claim": NAME, "op": "any"}
 * }</pre>
 *
 * <p>A claim that the evidence does not have fails its demand unless that is {@code any}. Lists are
 * never empty, and every way to satisfy a policy pins what was launched ({@code snp.measurement}
 * and its like, {@link Identity}). What is more, evidence has claims that a policy must not pass
 * over, {@link MustName}: silence about one denies, {@code any} says that it does not matter. The
 * JSON reader takes no escapes, no floats and no duplicate keys. With {@code approvals}, this
 * revision and the next one count only when that many of these keys signed for them; a key id is
 * SHA-256 of a SubjectPublicKeyInfo, hex. With {@code coOwners}, the node may hold models of these
 * owners as well; without it, it holds none but this owner's.
 *
 * <p>Immutable and thread-safe.
 */
public final class ReleasePolicy {
    private final Posture minPosture;
    private final Demand require;
    private final Optional<TrustLevel> minTrustLevel;
    private final OptionalLong minVersion;
    private final Optional<ApproverSet> approvals;
    private final Optional<WitnessSet> witnesses;
    private final Optional<CoOwners> coOwners;
    private final Changeability changeability;
    private final Silence silence;

    /** Whether the owner may set another revision after this one. */
    public enum Changeability {
        REVISABLE,
        /** For ever: a model under it can only be deleted. */
        IMMUTABLE
    }

    /** What it means that no demand names a claim that a policy must name. */
    private enum Silence {
        DENIES,
        ALLOWS
    }

    ReleasePolicy(
            Posture minPosture,
            Demand require,
            Optional<TrustLevel> minTrustLevel,
            OptionalLong minVersion,
            Optional<ApproverSet> approvals,
            Optional<WitnessSet> witnesses,
            Optional<CoOwners> coOwners,
            Changeability changeability) {
        this(
                minPosture,
                require,
                minTrustLevel,
                minVersion,
                approvals,
                witnesses,
                coOwners,
                changeability,
                Silence.DENIES);
    }

    private ReleasePolicy(
            Posture minPosture,
            Demand require,
            Optional<TrustLevel> minTrustLevel,
            OptionalLong minVersion,
            Optional<ApproverSet> approvals,
            Optional<WitnessSet> witnesses,
            Optional<CoOwners> coOwners,
            Changeability changeability,
            Silence silence) {
        this.minPosture = minPosture;
        this.require = require;
        this.minTrustLevel = minTrustLevel;
        this.minVersion = minVersion;
        this.approvals = approvals;
        this.witnesses = witnesses;
        this.coOwners = coOwners;
        this.changeability = changeability;
        this.silence = silence;
    }

    /**
     * Reads a policy, at most 64 KiB of JSON.
     *
     * @throws PolicyFormatException if it is anything else than the grammar says
     */
    public static ReleasePolicy parse(byte[] json) throws PolicyFormatException {
        return PolicyGrammar.parse(json);
    }

    /**
     * A demand for one of these launches beside a policy, not in place of one: what else the
     * evidence says has been judged by the policy that was in force. The only one whose silence
     * does not deny.
     *
     * @param measurements lower-case hex, at least one; 96 digits are SEV-SNP's launch measurement,
     *     288 are TDX's MRTD, RTMR1 and RTMR2, others name nothing
     */
    public static ReleasePolicy ofMeasurements(List<String> measurements) {
        if (measurements.isEmpty()) {
            throw new IllegalArgumentException("measurements: none (expected: at least one)");
        }
        return new ReleasePolicy(
                Posture.BASE,
                Identity.launchedAsOneOf(measurements),
                Optional.empty(),
                OptionalLong.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Changeability.REVISABLE,
                Silence.ALLOWS);
    }

    /**
     * Judges authentic claims and the posture level that the same evidence is bound to: one outcome
     * for each demand and, as {@code policy.unset.} and its name, one for each claim that a policy
     * must not pass over and this one does; {@code policy.unpinned.tpm.pcr} where a vTPM speaks and
     * the policy does not say what may boot over it.
     */
    public List<RuleOutcome> judge(Claims claims, Posture posture) {
        var outcomes = new ArrayList<RuleOutcome>();
        String expected = "posture: expected at least " + label(minPosture);
        outcomes.add(
                posture.level() >= minPosture.level()
                        ? RuleOutcome.passed("policy.posture", expected)
                        : RuleOutcome.failed("policy.posture", expected));
        List<RuleOutcome> demands = require.judge(claims);
        outcomes.addAll(demands);
        if (silence == Silence.DENIES) {
            outcomes.addAll(passedOver(claims, demands));
            outcomes.addAll(Identity.judge(require, claims));
        }
        return List.copyOf(outcomes);
    }

    /** Judges whom a node was launched for: every co-owner has to be named. */
    public RuleOutcome judge(NodeOwners owners) {
        List<Digest> strangers =
                coOwners.map(named -> named.strangers(owners)).orElse(owners.others());
        String rule = "policy.co-owners";
        return strangers.isEmpty()
                ? RuleOutcome.passed(rule, "")
                : RuleOutcome.failed(
                        rule,
                        ("the node is also %s's; expected a node of this owner's alone, or a policy"
                                        + " that names the other in coOwners")
                                .formatted(strangers.getFirst()));
    }

    private static List<RuleOutcome> passedOver(Claims claims, List<RuleOutcome> demands) {
        Set<String> named = demands.stream().map(RuleOutcome::rule).collect(Collectors.toSet());
        return MustName.of(claims).stream()
                .filter(claim -> !named.contains("policy." + claim))
                .map(claim ->
                        RuleOutcome.failed(
                                "policy.unset." + claim,
                                claim
                                        + ": the policy says nothing of it, which denies; demand a"
                                        + " value or write \"op\": \"any\""))
                .toList();
    }

    /** {@link #judge}'s first failure, or that there is none. */
    public PolicyDecision evaluate(Claims claims, Posture posture) {
        return judge(claims, posture).stream()
                .filter(RuleOutcome::hasFailed)
                .findFirst()
                .<PolicyDecision>map(
                        failed -> new PolicyDecision.Denied(failed.rule(), failed.expected()))
                .orElseGet(PolicyDecision.Allowed::new);
    }

    /** The lowest posture level this policy accepts. */
    public Posture minPosture() {
        return minPosture;
    }

    /** The lowest trust level this policy accepts; empty when it does not matter. */
    public Optional<TrustLevel> minTrustLevel() {
        return minTrustLevel;
    }

    /**
     * Why a data key that was kept at this level must not go out or be used under this policy;
     * empty when it may.
     *
     * @param kept level of the key that wrapped the data key at rest
     */
    public Optional<String> objectionTo(TrustLevel kept) {
        return minTrustLevel
                .filter(least -> !kept.isAtLeast(least))
                .map(least ->
                        "trust level: the data key is kept at %s, the release policy demands at least %s"
                                .formatted(kept.label(), least.label()));
    }

    /** The earliest version that this policy gives to anybody; empty when every one may be. */
    public OptionalLong minVersion() {
        return minVersion;
    }

    /**
     * Why a version must not be given to anybody under this policy; empty when it may.
     *
     * @param number as the vault numbers and countersigns it
     */
    public Optional<String> objectionTo(long number) {
        return minVersion.isPresent() && number < minVersion.getAsLong()
                ? Optional.of(
                        "version: %d, the release policy gives none before %d to anybody"
                                .formatted(number, minVersion.getAsLong()))
                : Optional.empty();
    }

    /** Who must approve this revision and the one after it; empty when nobody needs to. */
    public Optional<ApproverSet> approvals() {
        return approvals;
    }

    /** Who must have cosigned the checkpoint of a release; empty when nobody needs to. */
    public Optional<WitnessSet> witnesses() {
        return witnesses;
    }

    /** Owner ids whose models may be on the same node, ascending; empty for a node alone. */
    public List<Digest> coOwners() {
        return coOwners.map(named -> List.copyOf(named.ids())).orElse(List.of());
    }

    public Changeability changeability() {
        return changeability;
    }

    /** The claims of this evidence that no policy may pass over: enough to judge it again. */
    public static SortedMap<String, String> mustName(Claims claims) {
        var values = new TreeMap<String, String>();
        MustName.of(claims).stream()
                .filter(claims.values()::containsKey)
                .forEach(name -> values.put(name, claims.values().getOrDefault(name, "")));
        return values;
    }

    /** What the policy demands, one sentence a demand, alternatives by letter. For people. */
    public List<String> explain() {
        var sentences = new ArrayList<String>();
        sentences.add("The node's posture must be " + label(minPosture) + " or above.");
        require.explain("", sentences::add);
        minTrustLevel.ifPresent(least ->
                sentences.add(
                        "The data key must be kept at trust level "
                                + least.label()
                                + " or above."));
        minVersion.ifPresent(
                least -> sentences.add("No version before " + least + " is given to anybody."));
        coOwners()
                .forEach(other ->
                        sentences.add(
                                "Models of owner "
                                        + other
                                        + " may be on the same node, in the same process."));
        approvals.ifPresent(set ->
                sentences.add(
                        "%d of %d approvers must agree to this revision and to the next one: %s."
                                .formatted(
                                        set.threshold(), set.approvers().size(), set.approvers())));
        witnesses.ifPresent(set ->
                sentences.add(
                        "%d of %d witnesses must have cosigned the log before a key goes: %s."
                                .formatted(set.threshold(), set.keys().size(), set.keys())));
        if (changeability == Changeability.IMMUTABLE) {
            sentences.add("No later revision is ever accepted.");
        }
        return List.copyOf(sentences);
    }

    /** Claims that every way to satisfy the policy says something about, sorted. */
    public SortedSet<String> named() {
        var named = new TreeSet<String>();
        require.visitNamed(named::add);
        return named;
    }

    /**
     * The policy in its only canonical spelling: no white space, fields in a fixed order, the
     * values of {@code in} sorted and without repetition, {@code eq} as a list of one.
     */
    public String canonical() {
        return "{\"version\":1,\"minPosture\":\"%s\",\"require\":%s%s%s%s%s%s%s}"
                .formatted(
                        label(minPosture),
                        require.canonical(),
                        minTrustLevel
                                .map(least -> ",\"minTrustLevel\":\"" + least.label() + "\"")
                                .orElse(""),
                        minVersion.isPresent() ? ",\"minVersion\":" + minVersion.getAsLong() : "",
                        approvals.map(set -> ",\"approvals\":" + set.canonical()).orElse(""),
                        witnesses.map(set -> ",\"witnesses\":" + set.canonical()).orElse(""),
                        coOwners.map(set -> ",\"coOwners\":" + set.canonical()).orElse(""),
                        changeability == Changeability.IMMUTABLE ? ",\"immutable\":true" : "");
    }

    /** SHA-256 of the canonical form: equal for policies that differ in spelling only. */
    public Digest digest() {
        return Digest.sha256(canonical().getBytes(StandardCharsets.UTF_8));
    }

    static String label(Posture posture) {
        return posture.name().toLowerCase(Locale.ROOT);
    }
}
