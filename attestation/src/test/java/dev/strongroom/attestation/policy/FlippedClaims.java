package dev.strongroom.attestation.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.Posture;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Set;
import java.util.stream.Collectors;

/** Attacks a complete policy claim by claim: nothing in it is idle, nothing may be left out. */
public final class FlippedClaims {
    private FlippedClaims() {}

    /**
     * The policy that pins these claims accepts them, and every claim of it that is another, absent
     * or left unsaid denies and is named.
     *
     * @param identity claims without which the policy is none
     * @param least how many claims the policy names at least
     */
    public static void assertThatEachCounts(Claims claims, Set<String> identity, int least)
            throws PolicyFormatException {
        ReleasePolicy policy = PolicyDraft.pinning(claims).policy();
        assertThat(decide(policy, claims)).isEqualTo("allowed");
        assertThat(policy.named()).hasSizeGreaterThanOrEqualTo(least).containsAll(identity);
        for (String claim : policy.named()) {
            if (claims.values().containsKey(claim)) {
                assertThat(decide(policy, flipped(claims, claim))).isEqualTo("policy." + claim);
                assertThat(decide(policy, without(claims, claim))).isEqualTo("policy." + claim);
            }
            String silent = silentAbout(claim, claims);
            if (identity.contains(claim)) {
                assertThat(parses(silent)).as(claim).isFalse();
            } else {
                assertThat(decide(parse(silent), claims)).isEqualTo("policy.unset." + claim);
            }
        }
    }

    private static String silentAbout(String claim, Claims claims) {
        return PolicyDraft.pinning(claims)
                .json()
                .lines()
                .filter(line -> !line.contains('"' + claim + '"'))
                .collect(Collectors.joining("\n"))
                .replace("},\n]", "}\n]");
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
                    case "" -> "1";
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
