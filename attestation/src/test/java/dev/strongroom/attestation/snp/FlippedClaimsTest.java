package dev.strongroom.attestation.snp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Revocation;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.policy.PolicyDecision;
import dev.strongroom.attestation.policy.PolicyDraft;
import dev.strongroom.attestation.policy.PolicyFormatException;
import dev.strongroom.attestation.policy.ReleasePolicy;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A complete policy for each real report: nothing in it is idle, and nothing may be left out. */
class FlippedClaimsTest {
    private static final SnpVerifier AMD =
            new SnpVerifier(TrustAnchors.vendors().snpRoots(), Tee.SEV_SNP, Revocation.WHEN_GIVEN);

    @Test
    void aCompletePolicyAcceptsTheReportItWasWrittenFor() throws Exception {
        for (Claims claims : genuine()) {
            assertThat(decide(PolicyDraft.pinning(claims).policy(), claims)).isEqualTo("allowed");
        }
    }

    @Test
    void everyFlippedClaimDeniesAndIsNamed() throws Exception {
        for (Claims claims : genuine()) {
            ReleasePolicy policy = PolicyDraft.pinning(claims).policy();
            assertThat(policy.named()).hasSizeGreaterThan(30);
            for (String claim : policy.named()) {
                assertThat(decide(policy, flipped(claims, claim))).isEqualTo("policy." + claim);
                assertThat(decide(policy, without(claims, claim))).isEqualTo("policy." + claim);
            }
        }
    }

    @Test
    void everyClaimThatAPolicyPassesOverDeniesAndIsNamed() throws Exception {
        for (Claims claims : genuine()) {
            String complete = PolicyDraft.pinning(claims).json();
            for (String claim : PolicyDraft.pinning(claims).policy().named()) {
                String silent =
                        complete.lines()
                                .filter(line -> !line.contains('"' + claim + '"'))
                                .collect(Collectors.joining("\n"))
                                .replace("},\n]", "}\n]");
                if (claim.equals("snp.measurement")) {
                    assertThat(parses(silent)).isFalse();
                } else {
                    assertThat(decide(parse(silent), claims)).isEqualTo("policy.unset." + claim);
                }
            }
        }
    }

    private static List<Claims> genuine() {
        return Vectors.genuine()
                .map(vector ->
                        AMD.verify(
                                vector.report(),
                                vector.certificates(),
                                List.of(),
                                vector.verifyAt()))
                .map(verdict -> ((SnpVerdict.Authentic) verdict).claims())
                .toList();
    }

    private static String decide(ReleasePolicy policy, Claims claims) {
        return switch (policy.evaluate(claims, Posture.BASE)) {
            case PolicyDecision.Allowed _ -> "allowed";
            case PolicyDecision.Denied(String rule, _) -> rule;
        };
    }

    /** Another value of the same kind; a security version becomes the one before. */
    private static Claims flipped(Claims claims, String claim) {
        String value = claims.values().getOrDefault(claim, "");
        return with(
                claims,
                claim,
                switch (value) {
                    case "true" -> "false";
                    case "false" -> "true";
                    case "0" -> "-1";
                    default ->
                            value.matches("[0-9]{1,10}")
                                    ? Long.toString(Long.parseLong(value) - 1)
                                    : value.substring(1) + (value.endsWith("0") ? "1" : "0");
                });
    }

    private static Claims with(Claims claims, String claim, String value) {
        var values = new HashMap<>(claims.values());
        values.put(claim, value);
        return new Claims(claims.tee(), claims.rootFingerprint(), claims.hostData(), values);
    }

    private static Claims without(Claims claims, String claim) {
        var values = new HashMap<>(claims.values());
        values.remove(claim);
        return new Claims(claims.tee(), claims.rootFingerprint(), claims.hostData(), values);
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
}
