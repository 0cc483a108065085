package dev.strongroom.attestation.policy;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.RuleOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Which claims say together what was launched. A policy that leaves one of them open accepts
 * whatever else runs on the same firmware.
 */
final class Identity {
    /** In TDX, MRTD is the firmware alone; the loader and the kernel are in registers 1 and 2. */
    private static final List<Set<String>> WHOLE =
            List.of(
                    Set.of("snp.measurement"),
                    Set.of("tdx.mrtd", "tdx.rtmr1", "tdx.rtmr2"),
                    Set.of("nitro.pcr0"));

    /** The same for people. */
    static final String EXPECTED =
            "snp.measurement, on tdx.mrtd with tdx.rtmr1 and tdx.rtmr2, or on nitro.pcr0";

    /** Registers of a vTPM that boot loaders and kernels are measured into. */
    private static final Pattern BOOTED =
            Pattern.compile("tpm\\.pcr\\.sha(256|384|512)\\.(4|8|9|11)");

    private static final int DIGITS = 96; // SHA-384

    private Identity() {}

    /** Whether every way to satisfy a demand pins all that one kind of guest is told by. */
    static boolean isPinnedBy(Demand demand) {
        return WHOLE.stream().anyMatch(claims -> claims.stream().allMatch(demand::pins))
                || switch (demand) {
                    case Demand.AllOf(List<Demand> parts) ->
                            parts.stream().anyMatch(Identity::isPinnedBy);
                    case Demand.AnyOf(List<Demand> parts) ->
                            parts.stream().allMatch(Identity::isPinnedBy);
                    case Demand.Leaf _ -> false;
                };
    }

    /** Whether what was launched is one of these, as {@link ReleasePolicy#ofMeasurements} reads. */
    static Demand launchedAsOneOf(List<String> measurements) {
        var ways = new ArrayList<Demand>();
        List<String> single = measurements.stream().filter(hex -> !isDomain(hex)).toList();
        if (!single.isEmpty()) {
            ways.add(
                    new Demand.Leaf(
                            "snp.measurement",
                            new ClaimTest.OneOf(List.copyOf(new TreeSet<>(single)))));
        }
        measurements.stream().filter(Identity::isDomain).map(Identity::domain).forEach(ways::add);
        return ways.size() == 1 ? ways.getFirst() : new Demand.AnyOf(List.copyOf(ways));
    }

    /** A trust domain of TDX is told by three registers. */
    private static boolean isDomain(String hex) {
        return hex.length() == 3 * DIGITS;
    }

    private static Demand domain(String hex) {
        return new Demand.AllOf(
                List.of(
                        is("tdx.mrtd", part(hex, 0)),
                        is("tdx.rtmr1", part(hex, 1)),
                        is("tdx.rtmr2", part(hex, 2))));
    }

    private static String part(String hex, int number) {
        return hex.substring(number * DIGITS, (number + 1) * DIGITS);
    }

    private static Demand is(String claim, String value) {
        return new Demand.Leaf(claim, new ClaimTest.OneOf(List.of(value)));
    }

    /** Where a vTPM speaks, the processor measured its paravisor and not what booted over it. */
    static List<RuleOutcome> judge(Demand demand, Claims claims) {
        return !MustName.isOfVtpm(claims) || demand.pinsIn(claims, BOOTED.asMatchPredicate())
                ? List.of()
                : List.of(
                        RuleOutcome.failed(
                                "policy.unpinned.tpm.pcr",
                                "tpm.pcr: expected values for register 4, 8, 9 or 11: the processor"
                                        + " measured the host's paravisor, these what was booted"));
    }
}
