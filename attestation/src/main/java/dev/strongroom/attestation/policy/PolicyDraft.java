package dev.strongroom.attestation.policy;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.attestation.snp.ProductLine;
import dev.strongroom.attestation.snp.TcbVersion;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes a complete release policy: one demand for each claim that a policy must name, strict where
 * nothing else is said, {@code any} only where the author can see it in the document.
 *
 * <p>Not thread-safe.
 */
public final class PolicyDraft {
    private static final String SNP_TCB = "snp.tcb.";

    private final SortedMap<String, ClaimTest> demands = new TreeMap<>();

    private Optional<TrustLevel> minTrustLevel = Optional.empty();
    private OptionalLong minVersion = OptionalLong.empty();
    private Optional<CoOwners> coOwners = Optional.empty();

    private PolicyDraft() {}

    /**
     * A draft for SEV-SNP guests: no debugging, no migration agent, privilege level 0, a VCEK, the
     * check for aliased memory (BadRAM) passed, no provisional firmware.
     *
     * @param measurements launch digests, lower-case hex
     * @param leastTcb the least security version of every firmware part: reported, committed and
     *     when the guest was launched
     */
    public static PolicyDraft sevSnp(
            ProductLine line, Collection<String> measurements, TcbVersion leastTcb) {
        var draft = new PolicyDraft();
        MustName.SNP.stream().filter(claim -> !claim.startsWith(SNP_TCB)).forEach(draft::any);
        Stream.of("reported", "committed", "launch").forEach(which -> draft.tcb(which, leastTcb));
        return draft.oneOf("snp.product", List.of(line.label()))
                .oneOf("snp.measurement", measurements)
                .oneOf("snp.signer", List.of("vcek"))
                .oneOf("snp.vmpl", List.of("0"))
                .oneOf("snp.policy.debug", List.of("false"))
                .oneOf("snp.policy.migrate-ma", List.of("false"))
                .oneOf("snp.platform.alias-check", List.of("true"))
                .oneOf("snp.provisional.reported", List.of("false"))
                .oneOf("snp.provisional.committed", List.of("false"))
                .atLeast("snp.guest-svn", 0);
    }

    /**
     * A draft that accepts what these claims say and nothing else, but newer firmware: security
     * versions become least ones. What a policy must name and the evidence does not have is {@code
     * any}.
     */
    public static PolicyDraft pinning(Claims claims) {
        var draft = new PolicyDraft();
        for (String claim : MustName.of(claims)) {
            String value = claims.values().get(claim);
            if (value == null) {
                draft.any(claim);
            } else if (isVersion(claim) && value.matches("[0-9]{1,18}")) {
                draft.atLeast(claim, Long.parseLong(value));
            } else {
                draft.oneOf(claim, List.of(value));
            }
        }
        return draft;
    }

    /** The claim must be one of these values. */
    public PolicyDraft oneOf(String claim, Collection<String> values) {
        return put(claim, new ClaimTest.OneOf(sorted(values)));
    }

    /** The claim must be none of these values. */
    public PolicyDraft noneOf(String claim, Collection<String> values) {
        return put(claim, new ClaimTest.NoneOf(sorted(values)));
    }

    /** The claim must be a number, and at least this one. */
    public PolicyDraft atLeast(String claim, long value) {
        return put(claim, new ClaimTest.AtLeast(value));
    }

    /** The claim must have at least these bits set. */
    public PolicyDraft bits(String claim, long mask) {
        return put(claim, new ClaimTest.Bits(mask));
    }

    /** The claim does not matter. */
    public PolicyDraft any(String claim) {
        return put(claim, new ClaimTest.Any());
    }

    /** The data key must be kept at this level or above. */
    public PolicyDraft keptAt(TrustLevel least) {
        minTrustLevel = Optional.of(least);
        return this;
    }

    /** No version before this one is given to anybody. */
    public PolicyDraft from(long version) {
        minVersion = OptionalLong.of(version);
        return this;
    }

    /**
     * Models of these owners may be on the same node.
     *
     * @param owners their ids, at least one
     */
    public PolicyDraft beside(Collection<Digest> owners) {
        coOwners = Optional.of(new CoOwners(new TreeSet<>(owners)));
        return this;
    }

    /** The document, one demand a line. */
    public String json() {
        return demands.entrySet().stream()
                .map(PolicyDraft::line)
                .collect(
                        Collectors.joining(
                                ",\n",
                                "{\"version\": 1, \"minPosture\": \""
                                        + ReleasePolicy.label(Posture.BASE)
                                        + "\", \"require\": {\"allOf\": [\n",
                                "\n]}"
                                        + minTrustLevel
                                                .map(least ->
                                                        ",\n\"minTrustLevel\": \""
                                                                + least.label()
                                                                + "\"")
                                                .orElse("")
                                        + (minVersion.isPresent()
                                                ? ",\n\"minVersion\": " + minVersion.getAsLong()
                                                : "")
                                        + coOwners.map(named ->
                                                        ",\n\"coOwners\": " + named.canonical())
                                                .orElse("")
                                        + "}\n"));
    }

    /**
     * The document as it will be judged.
     *
     * @throws PolicyFormatException if it names nothing that is launched, or a value is none
     */
    public ReleasePolicy policy() throws PolicyFormatException {
        return ReleasePolicy.parse(json().getBytes(StandardCharsets.UTF_8));
    }

    private static String line(Map.Entry<String, ClaimTest> demand) {
        return " " + new Demand.Leaf(demand.getKey(), demand.getValue()).canonical();
    }

    private static boolean isVersion(String claim) {
        return claim.contains(".tcb.") || claim.contains("-svn") || claim.endsWith(".svn");
    }

    private static List<String> sorted(Collection<String> values) {
        return List.copyOf(new TreeSet<>(values));
    }

    private void tcb(String which, TcbVersion least) {
        String prefix = SNP_TCB + which + ".";
        least.fmc().ifPresent(fmc -> atLeast(prefix + "fmc", fmc));
        atLeast(prefix + "bl", least.bootloader());
        atLeast(prefix + "tee", least.tee());
        atLeast(prefix + "snp", least.snp());
        atLeast(prefix + "ucode", least.microcode());
    }

    private PolicyDraft put(String claim, ClaimTest test) {
        demands.put(claim, test);
        return this;
    }
}
