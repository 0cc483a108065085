package dev.strongroom.attestation.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustLevel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReleasePolicyTest {
    private static final String MEASUREMENT =
            "{\"claim\":\"snp.measurement\",\"op\":\"eq\",\"value\":\"ab\"}";
    private static final String OTHER = "{\"claim\":\"snp.vmpl\",\"op\":\"eq\",\"value\":0}";

    private static final String A = "aa".repeat(32);
    private static final String B = "bb".repeat(32);

    @Test
    void allowsWhatMeetsEveryDemand() throws PolicyFormatException {
        assertThat(evaluate(all(MEASUREMENT, ge("snp.tcb.reported.snp", 22)), claims()))
                .isInstanceOf(PolicyDecision.Allowed.class);
    }

    @Test
    void deniesAnotherMeasurementAndSaysSo() throws PolicyFormatException {
        String other = MEASUREMENT.replace("ab", "cd");
        assertThat(evaluate(all(other), claims()))
                .isEqualTo(
                        new PolicyDecision.Denied(
                                "policy.snp.measurement",
                                "snp.measurement: expected one of 1 named values"));
    }

    @Test
    void comparesNumbersAsNumbers() throws PolicyFormatException {
        assertThat(evaluate(all(MEASUREMENT, ge("snp.tcb.reported.snp", 9)), claims()))
                .isInstanceOf(PolicyDecision.Allowed.class);
        assertThat(evaluate(all(MEASUREMENT, ge("snp.tcb.reported.snp", 24)), claims()))
                .isEqualTo(
                        new PolicyDecision.Denied(
                                "policy.snp.tcb.reported.snp",
                                "snp.tcb.reported.snp: expected at least 24"));
    }

    @Test
    void deniesWhenTheEvidenceLacksTheClaim() throws PolicyFormatException {
        assertThat(evaluate(all(MEASUREMENT, ge("snp.tcb.reported.fmc", 0)), claims()))
                .isInstanceOf(PolicyDecision.Denied.class);
        assertThat(evaluate(all(MEASUREMENT, ge("snp.product", 0)), claims()))
                .isInstanceOf(PolicyDecision.Denied.class);
    }

    @Test
    void silenceAboutAClaimDenies() throws PolicyFormatException {
        assertThat(parse(policy(all(MEASUREMENT))).evaluate(claims(), Posture.BASE))
                .isInstanceOfSatisfying(
                        PolicyDecision.Denied.class,
                        denied ->
                                assertThat(denied.rule())
                                        .isEqualTo("policy.unset.snp.policy.debug"));
    }

    @Test
    void refusesAPostureBelowTheOneItWants() throws Exception {
        ReleasePolicy policy = parse(policy(all(MEASUREMENT)).replace("\"base\"", "\"hardened\""));
        assertThat(policy.minPosture()).isEqualTo(Posture.HARDENED);
        assertThat(policy.judge(claims(), Posture.HARDENED))
                .noneMatch(rule -> rule.rule().equals("policy.posture") && rule.hasFailed());
        assertThat(policy.judge(claims(), Posture.BASE))
                .anyMatch(rule -> rule.rule().equals("policy.posture") && rule.hasFailed());
    }

    @Test
    void deniesWhatADenyListNames() throws PolicyFormatException {
        String notMilan = "{\"claim\":\"snp.product\",\"op\":\"notIn\",\"value\":[\"Milan\"]}";
        assertThat(evaluate(all(MEASUREMENT, notMilan), claims()))
                .isInstanceOf(PolicyDecision.Allowed.class);
        assertThat(evaluate(all(MEASUREMENT, notMilan.replace("Milan", "Genoa")), claims()))
                .isInstanceOf(PolicyDecision.Denied.class);
        assertThat(evaluate(all(MEASUREMENT, notMilan.replace("product", "absent")), claims()))
                .isInstanceOf(PolicyDecision.Denied.class);
    }

    @Test
    void demandsBitsOfAField() throws PolicyFormatException {
        var vector = Map.of("snp.measurement", "ab", "snp.mitigations.launch", "0000000000000006");
        var claims = new Claims(Tee.SEV_SNP, Digest.sha256(), new byte[32], vector);
        String bits = "{\"claim\":\"snp.mitigations.launch\",\"op\":\"bits\",\"value\":\"%016x\"}";
        assertThat(evaluate(all(MEASUREMENT, bits.formatted(2)), claims))
                .isInstanceOf(PolicyDecision.Allowed.class);
        assertThat(evaluate(all(MEASUREMENT, bits.formatted(3)), claims))
                .isInstanceOf(PolicyDecision.Denied.class);
        assertThat(evaluate(all(MEASUREMENT, bits.formatted(3)), claims()))
                .isInstanceOf(PolicyDecision.Denied.class);
        assertRefused(policy(all(MEASUREMENT, bits.formatted(2).replace("0000", "00"))));
    }

    @Test
    void anyOfNeedsOneWay() throws PolicyFormatException {
        String good = all(MEASUREMENT);
        String bad = all(MEASUREMENT.replace("ab", "cd"));
        assertThat(evaluate(any(bad, good), claims())).isInstanceOf(PolicyDecision.Allowed.class);
        assertThat(evaluate(any(bad, bad), claims()))
                .isInstanceOfSatisfying(
                        PolicyDecision.Denied.class,
                        denied -> assertThat(denied.rule()).isEqualTo("policy.any-of"));
    }

    @Test
    void readsBooleansAndLists() throws PolicyFormatException {
        String debug = "{\"claim\":\"snp.policy.debug\",\"op\":\"eq\",\"value\":false}";
        String product =
                "{\"claim\":\"snp.product\",\"op\":\"in\",\"value\":[\"Genoa\",\"Turin\"]}";
        assertThat(evaluate(all(MEASUREMENT, debug, product), claims()))
                .isInstanceOf(PolicyDecision.Allowed.class);
    }

    @Test
    void refusesPoliciesThatSomeWayAcceptAnyGuest() {
        assertRefused(policy(OTHER));
        assertRefused(policy(all(OTHER)));
        assertRefused(policy(any(MEASUREMENT, OTHER)));
        assertRefused(policy(any(all(MEASUREMENT, OTHER), all(OTHER))));
        assertRefused(policy(ge("snp.measurement", 0)));
        assertRefused(policy("{\"claim\":\"snp.measurement\",\"op\":\"any\"}"));
        assertRefused(policy(MEASUREMENT.replace("eq", "notIn").replace("\"ab\"", "[\"ab\"]")));
        assertThat(parses(policy(any(all(MEASUREMENT, OTHER), MEASUREMENT)))).isTrue();
        assertThat(parses(policy(all(OTHER, any(MEASUREMENT, MEASUREMENT))))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "{}",
                "[]",
                "{\"version\":1}",
                "{\"version\":1,\"minPosture\":\"base\"}",
                "{\"version\":1,\"minPosture\":\"base\",\"require\":{}}",
                "{\"version\":1,\"minPosture\":\"base\",\"require\":{\"allOf\":[]}}",
                "{\"version\":1,\"minPosture\":\"base\",\"require\":{\"anyOf\":[]}}",
                "{\"version\":1,\"minPosture\":\"base\",\"require\":{\"not\":[]}}"
            })
    void refusesEmptyOrUnknownDemands(String json) {
        assertRefused(json);
    }

    @Test
    void refusesWhatTheGrammarDoesNotHave() {
        String good = policy(MEASUREMENT);
        assertThat(parses(good)).isTrue();
        assertRefused(good.replace("\"version\":1", "\"version\":2"));
        assertRefused(good.replace("\"version\":1", "\"version\":\"1\""));
        assertRefused(good.replace("\"version\":1", "\"version\":1,\"version\":1"));
        assertRefused(good.replace("\"version\":1", "\"version\":1,\"note\":\"x\""));
        assertRefused(good.replace("\"base\"", "\"none\""));
        assertRefused(good.replace("\"base\"", "1"));
        assertRefused(good.replace("\"eq\"", "\"ne\""));
        assertRefused(good.replace("\"eq\"", "\"in\""));
        assertRefused(good.replace("\"eq\"", "\"ge\""));
        assertRefused(good.replace("\"ab\"", "null"));
        assertRefused(good.replace("\"ab\"", "1.5"));
        assertRefused(good.replace("\"ab\"", "-1"));
        assertRefused(good.replace("\"ab\"", "01"));
        assertRefused(good.replace("\"ab\"", "[]"));
        assertRefused(good.replace("\"ab\"", "\"a\\u0062\""));
        assertRefused(good.replace("\"ab\"", "\"\u00e4\""));
        assertRefused(good.replace("snp.measurement", "snp measurement"));
        assertRefused(good + "x");
        assertRefused(good + good);
        assertRefused(good.substring(0, good.length() - 1));
    }

    @Test
    void refusesDepthSizeAndMalformedText() {
        String deep = "{\"allOf\":[".repeat(20) + MEASUREMENT + "]}".repeat(20);
        assertRefused(policy(deep));
        assertRefused(policy(MEASUREMENT) + " ".repeat(PolicyGrammar.MAX_BYTES));
        assertRefused("[".repeat(PolicyGrammar.MAX_BYTES));
        assertThatThrownBy(() -> ReleasePolicy.parse(new byte[] {(byte) 0xC3, 0x28}))
                .isInstanceOf(PolicyFormatException.class);
    }

    @Test
    void hasOneCanonicalForm() throws PolicyFormatException {
        String spaced =
                """
                { "require" : {"claim":"snp.measurement", "value":["b","a","b"], "op":"in"},
                  "minPosture":"base",
                  "version":1 }
                """;
        ReleasePolicy policy = parse(spaced);
        assertThat(policy.canonical())
                .isEqualTo(
                        "{\"version\":1,\"minPosture\":\"base\",\"require\":"
                                + "{\"claim\":\"snp.measurement\",\"op\":\"in\","
                                + "\"value\":[\"a\",\"b\"]}}");
        assertThat(parse(policy.canonical()).digest()).isEqualTo(policy.digest());
        assertThat(parse(policy(MEASUREMENT)).digest()).isNotEqualTo(policy.digest());
    }

    @Test
    void namesWhoMustApprove() throws PolicyFormatException {
        assertThat(parse(policy(MEASUREMENT)).approvals()).isEmpty();
        ReleasePolicy policy = parse(approved(2, B, A));
        assertThat(policy.approvals())
                .hasValueSatisfying(set -> {
                    assertThat(set.threshold()).isEqualTo(2);
                    assertThat(set.approvers()).containsExactly(new Digest(A), new Digest(B));
                });
        assertThat(parse(policy.canonical()).digest()).isEqualTo(policy.digest());
        assertThat(policy.digest()).isNotEqualTo(parse(approved(1, A, B)).digest());
    }

    @Test
    void refusesApproversThatCouldNeverAgree() {
        assertRefused(approved(0, A, B));
        assertRefused(approved(3, A, B));
        assertRefused(approved(17, A, B));
        assertRefused(approved(1));
        assertRefused(approved(2, A, A));
        assertRefused(approved(1, A.toUpperCase(Locale.ROOT)));
        assertRefused(approved(1, "alice"));
        assertRefused(approved(1, A).replace("1,\"approvers", "\"1\",\"approvers"));
        assertRefused(approved(1, A).replace("\"threshold\":1,", ""));
        assertRefused(
                approved(
                        1,
                        IntStream.range(0, 17)
                                .mapToObj("%064x"::formatted)
                                .toArray(String[]::new)));
    }

    private static final String WITNESS = "witness.example/w1+0a1b2c3d+BAEC/wM=";

    @Test
    void namesTheWitnessesThatMustHaveCosigned() throws PolicyFormatException {
        assertThat(parse(policy(MEASUREMENT)).witnesses()).isEmpty();
        ReleasePolicy policy = parse(witnessed(1, WITNESS, "w2+0a1b2c3d+BAEC"));
        assertThat(policy.witnesses())
                .hasValueSatisfying(set -> {
                    assertThat(set.threshold()).isEqualTo(1);
                    assertThat(set.keys()).containsExactly("w2+0a1b2c3d+BAEC", WITNESS);
                });
        assertThat(parse(policy.canonical()).digest()).isEqualTo(policy.digest());
        assertThat(policy.digest()).isNotEqualTo(parse(witnessed(1, WITNESS)).digest());
    }

    @Test
    void refusesWitnessesThatCouldNeverAgree() {
        assertRefused(witnessed(0, WITNESS));
        assertRefused(witnessed(2, WITNESS));
        assertRefused(witnessed(2, WITNESS, WITNESS));
        assertRefused(witnessed(1));
        assertRefused(witnessed(1, "witness.example/w1"));
        assertRefused(witnessed(1, "a b+0a1b2c3d+BAEC"));
        assertRefused(witnessed(1, WITNESS).replace("\"threshold\":1,", ""));
    }

    @Test
    void namesTheLeastLevelThatAKeyMustBeKeptAt() throws PolicyFormatException {
        ReleasePolicy any = parse(policy(MEASUREMENT));
        assertThat(any.minTrustLevel()).isEmpty();
        assertThat(any.objectionTo(TrustLevel.SOFTWARE)).isEmpty();
        ReleasePolicy policy = parse(kept("\"hsm\""));
        assertThat(policy.minTrustLevel()).contains(TrustLevel.HSM);
        assertThat(policy.objectionTo(TrustLevel.SOFT_TOKEN))
                .hasValueSatisfying(why -> assertThat(why).contains("soft-token", "at least hsm"));
        assertThat(policy.objectionTo(TrustLevel.HSM)).isEmpty();
        assertThat(policy.objectionTo(TrustLevel.HSM_TRUSTED)).isEmpty();
        assertThat(parse(policy.canonical()).digest()).isEqualTo(policy.digest());
        assertThat(policy.digest()).isNotEqualTo(any.digest());
        assertThat(policy.explain()).last().asString().contains("hsm");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"\"", "\"HSM\"", "\"hsm_trusted\"", "\"vaulted\"", "3", "null", "[]"})
    void refusesALevelThatItDoesNotKnow(String level) {
        assertRefused(kept(level));
    }

    @Test
    void aDraftSaysTheLeastLevelThatItWasGiven() throws PolicyFormatException {
        var draft = PolicyDraft.pinning(claims()).keptAt(TrustLevel.HSM_TRUSTED);
        assertThat(draft.policy().minTrustLevel()).contains(TrustLevel.HSM_TRUSTED);
    }

    @Test
    void namesTheEarliestVersionThatItGivesToAnybody() throws PolicyFormatException {
        ReleasePolicy any = parse(policy(MEASUREMENT));
        assertThat(any.minVersion()).isEmpty();
        assertThat(any.objectionTo(1)).isEmpty();
        ReleasePolicy policy = PolicyDraft.pinning(claims()).from(3).policy();
        assertThat(policy.minVersion()).hasValue(3);
        assertThat(policy.objectionTo(2))
                .hasValueSatisfying(why -> assertThat(why).contains("none before 3"));
        assertThat(policy.objectionTo(3)).isEmpty();
        assertThat(parse(policy.canonical()).digest()).isEqualTo(policy.digest());
        assertThat(policy.explain()).last().asString().contains("before 3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "\"3\"", "null", "[3]"})
    void refusesAnEarliestVersionThatIsNone(String number) {
        assertRefused(policy(MEASUREMENT).replaceAll("}$", ",\"minVersion\":" + number + "}"));
    }

    @Test
    void allowsNobodyElsesModelsOnTheNodeButOfOwnersThatItNames() throws PolicyFormatException {
        Digest own = Digest.sha256(new byte[] {1});
        Digest named = new Digest(A);
        Digest other = new Digest(B);
        ReleasePolicy alone = parse(policy(MEASUREMENT));
        ReleasePolicy shared = PolicyDraft.pinning(claims()).beside(Set.of(named)).policy();
        assertThat(alone.coOwners()).isEmpty();
        assertThat(shared.coOwners()).containsExactly(named);
        assertThat(alone.judge(NodeOwners.alone(own)).hasFailed()).isFalse();
        assertThat(shared.judge(NodeOwners.alone(own)).hasFailed()).isFalse();
        assertThat(shared.judge(NodeOwners.among(own, Set.of(named))).hasFailed()).isFalse();

        assertThat(alone.judge(NodeOwners.among(own, Set.of(named))).rule())
                .isEqualTo("policy.co-owners");
        assertThat(alone.judge(NodeOwners.among(own, Set.of(named))).hasFailed()).isTrue();
        assertThat(shared.judge(NodeOwners.among(own, Set.of(other))).hasFailed()).isTrue();
        assertThat(shared.judge(NodeOwners.among(own, Set.of(named, other))).expected())
                .contains(other.hex());
        assertThat(parse(shared.canonical()).digest()).isEqualTo(shared.digest());
        assertThat(shared.digest()).isNotEqualTo(PolicyDraft.pinning(claims()).policy().digest());
        assertThat(shared.explain()).last().asString().contains(named.hex(), "same process");
    }

    @Test
    void aDemandForMeasurementsAllowsNoCoOwner() {
        var resealing = ReleasePolicy.ofMeasurements(List.of("a".repeat(96)));
        Digest own = Digest.sha256(new byte[] {1});
        assertThat(resealing.judge(NodeOwners.among(own, Set.of(new Digest(A)))).hasFailed())
                .isTrue();
    }

    @Test
    void refusesCoOwnersThatAreNoOwners() throws PolicyFormatException {
        assertThat(parse(shared('"' + B + "\",\"" + A + '"')).canonical())
                .contains("\"coOwners\":[\"" + A + "\",\"" + B + "\"]");
        assertRefused(shared(""));
        assertRefused(shared('"' + A + "\",\"" + A + '"'));
        assertRefused(shared("\"acme\""));
        assertRefused(shared("\"*\""));
        assertRefused(shared("true"));
        assertRefused(shared('"' + "F".repeat(64) + '"'));
        assertRefused(policy(MEASUREMENT).replaceAll("}$", ",\"coOwners\":\"" + A + "\"}"));
        assertRefused(policy(MEASUREMENT).replaceAll("}$", ",\"coOwner\":[\"" + A + "\"]}"));
        assertRefused(
                shared(
                        IntStream.range(0, 17)
                                .mapToObj("\"%064x\""::formatted)
                                .collect(Collectors.joining(","))));
    }

    private static String shared(String ids) {
        return policy(MEASUREMENT).replaceAll("}$", ",\"coOwners\":[" + ids + "]}");
    }

    private static String kept(String level) {
        return policy(MEASUREMENT).replaceAll("}$", ",\"minTrustLevel\":" + level + "}");
    }

    private static String witnessed(int threshold, String... keys) {
        return policy(MEASUREMENT)
                .replaceAll(
                        "}$",
                        ",\"witnesses\":{\"threshold\":%d,\"keys\":[%s]}}"
                                .formatted(
                                        threshold,
                                        Arrays.stream(keys)
                                                .map(key -> '"' + key + '"')
                                                .collect(Collectors.joining(","))));
    }

    private static String approved(int threshold, String... keyIds) {
        return policy(MEASUREMENT)
                .replaceAll(
                        "}$",
                        ",\"approvals\":{\"threshold\":%d,\"approvers\":[%s]}}"
                                .formatted(
                                        threshold,
                                        Arrays.stream(keyIds)
                                                .map(id -> '"' + id + '"')
                                                .collect(Collectors.joining(","))));
    }

    @Property
    void throwsNothingElseOnArbitraryText(@ForAll String text) {
        parses(text);
        parses(policy(text));
    }

    /** With demands on everything else that the claims have. */
    private static PolicyDecision evaluate(String demand, Claims claims)
            throws PolicyFormatException {
        var parts = new ArrayList<String>(List.of(demand));
        MustName.of(claims).stream()
                .map("{\"claim\":\"%s\",\"op\":\"any\"}"::formatted)
                .forEach(parts::add);
        return parse(policy(all(parts.toArray(String[]::new)))).evaluate(claims, Posture.BASE);
    }

    private static ReleasePolicy parse(String json) throws PolicyFormatException {
        return ReleasePolicy.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    private static boolean parses(String json) {
        try {
            parse(json);
            return true;
        } catch (PolicyFormatException e) {
            return false;
        }
    }

    private static void assertRefused(String json) {
        assertThat(parses(json)).as(json.substring(0, Math.min(200, json.length()))).isFalse();
    }

    private static String policy(String demand) {
        return "{\"version\":1,\"minPosture\":\"base\",\"require\":" + demand + "}";
    }

    private static String all(String... parts) {
        return "{\"allOf\":[" + String.join(",", parts) + "]}";
    }

    private static String any(String... parts) {
        return "{\"anyOf\":[" + String.join(",", parts) + "]}";
    }

    private static String ge(String claim, long value) {
        return "{\"claim\":\"" + claim + "\",\"op\":\"ge\",\"value\":" + value + "}";
    }

    private static Claims claims() {
        return new Claims(
                Tee.SIMULATED,
                Digest.sha256(new byte[0]),
                new byte[32],
                Map.of(
                        "snp.measurement", "ab",
                        "snp.vmpl", "0",
                        "snp.product", "Genoa",
                        "snp.policy.debug", "false",
                        "snp.tcb.reported.snp", "23"));
    }
}
