package dev.strongroom.attestation.tdx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.tdx.Vectors.Vector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Hardware-signed quotes get Intel's rating, and everything derived from them is refused. */
class RecordedQuotesTest {
    private static final TdxVerifier INTEL = new TdxVerifier(TdxRoots.intel(), Tee.TDX);

    @TestFactory
    Stream<DynamicTest> ratesEveryQuoteAsIntelDoes() {
        List<Vector> vectors = Vectors.all().toList();
        return Vectors.expected()
                .map(expected -> {
                    Vector vector =
                            vectors.stream().filter(expected::isFor).findFirst().orElseThrow();
                    return DynamicTest.dynamicTest(
                            vector.toString(),
                            () -> assertRating(verify(vector), expected.launchStatus()));
                });
    }

    @TestFactory
    Stream<DynamicTest> refusesWithoutAllRevocationLists() {
        return Vectors.all()
                .filter(vector -> !vector.complete())
                .map(vector ->
                        DynamicTest.dynamicTest(
                                vector.toString(),
                                () -> assertRule(verify(vector), "tdx.chain.revocation-unknown")));
    }

    @TestFactory
    Stream<DynamicTest> refusesTamperedQuotes() {
        return Vectors.all()
                .filter(vector -> Files.isDirectory(vector.folder().resolve("neg")))
                .flatMap(vector ->
                        Vectors.list(vector.folder().resolve("neg"))
                                .map(twin -> refusesTwin(vector, twin)));
    }

    @TestFactory
    Stream<DynamicTest> refusesSgxQuotes() {
        Vector any = Vectors.all().findFirst().orElseThrow();
        return Vectors.folders()
                .filter(folder -> folder.getFileName().toString().startsWith("neg-sgx"))
                .map(folder ->
                        DynamicTest.dynamicTest(
                                folder.getFileName().toString(),
                                () ->
                                        assertRule(
                                                INTEL.verify(
                                                        Vectors.bytes(folder.resolve("quote.bin")),
                                                        any.collateral(),
                                                        any.verifyAt()),
                                                "tdx.format")));
    }

    /** Its chain is bare DER, which no platform sends. */
    @Test
    void refusesIntelsSampleQuote() {
        Vector any = Vectors.all().findFirst().orElseThrow();
        Path sample = Vectors.required().resolve("vectors").resolve("neg-intel-sample-testroot");
        assertRule(
                INTEL.verify(
                        Vectors.bytes(sample.resolve("quote.dat")),
                        any.collateral(),
                        any.verifyAt()),
                "tdx.format");
    }

    @Test
    void believesItsOwnRootOnly() {
        var other = new TdxVerifier(TdxRoots.of(Digest.sha256(new byte[0])), Tee.TDX);
        assertThat(Vectors.all())
                .isNotEmpty()
                .allSatisfy(v ->
                        assertRule(
                                other.verify(v.quote(), v.collateral(), v.verifyAt()),
                                "tdx.chain.root"));
    }

    @Test
    void refusesStaleCollateral() {
        for (Vector vector : Vectors.all().filter(Vector::complete).toList()) {
            var later = vector.verifyAt().plus(Duration.ofDays(40));
            assertThat(INTEL.verify(vector.quote(), vector.collateral(), later))
                    .isInstanceOf(TdxVerdict.Refused.class);
        }
    }

    @Test
    void prefersTheNewestOfSeveral() {
        Vector old = Vectors.of("v4-90c06f000000-f8f82d", "collateral-20260201");
        Vector recent = Vectors.of("v4-90c06f000000-f8f82d", "collateral-20260218");
        var both = new ArrayList<>(old.collateral().tcbInfos());
        both.addAll(recent.collateral().tcbInfos());
        assertRule(
                INTEL.verify(
                        old.quote(),
                        new TdxCollateral(
                                old.collateral().certificates(),
                                old.collateral().revocationLists(),
                                both,
                                old.collateral().qeIdentities()),
                        old.verifyAt()),
                "tdx.tcb.no-match");
    }

    @Test
    void acceptsZerosBehindAQuoteAndNothingElse() {
        Vector vector = Vectors.of("v4-b0c06f000000-f1c850", "collateral-20250619");
        byte[] padded = Arrays.copyOf(vector.quote(), vector.quote().length + 100);
        assertRating(INTEL.verify(padded, vector.collateral(), vector.verifyAt()), "UpToDate");
        padded[padded.length - 1] = 1;
        assertRule(INTEL.verify(padded, vector.collateral(), vector.verifyAt()), "tdx.format");
    }

    @Test
    void refusesCollateralOfAnOlderRecoveryThanDemanded() {
        Vector vector = Vectors.of("v4-b0c06f000000-f1c850", "collateral-20250619");
        for (int minimum : List.of(17, 18)) {
            var verifier =
                    new TdxVerifier(TdxRoots.intel().withMinEvaluationDataNumber(minimum), Tee.TDX);
            var verdict = verifier.verify(vector.quote(), vector.collateral(), vector.verifyAt());
            if (minimum == 17) {
                assertRating(verdict, "UpToDate");
            } else {
                assertRule(verdict, "tdx.collateral.evaluation-number");
            }
        }
    }

    private static DynamicTest refusesTwin(Vector vector, Path twin) {
        return DynamicTest.dynamicTest(
                vector + " " + twin.getFileName(),
                () ->
                        assertRule(
                                INTEL.verify(
                                        Vectors.bytes(twin),
                                        vector.collateral(),
                                        vector.verifyAt()),
                                ruleFor(twin.getFileName().toString())));
    }

    private static String ruleFor(String twin) {
        return switch (twin) {
            case "flip_attkey.bin", "flip_qe_auth.bin" -> "tdx.qe.binding";
            case "flip_qe_mrsigner.bin", "flip_qe_reportdata.bin", "flip_qe_sig.bin" ->
                    "tdx.qe.signature";
            case "flip_header_userdata.bin",
                    "flip_mrtd.bin",
                    "flip_report_data.bin",
                    "flip_rtmr3.bin",
                    "flip_tdattr_debug.bin",
                    "flip_quote_sig.bin",
                    "zero_quote_sig.bin" ->
                    "tdx.signature";
            default -> "tdx.format";
        };
    }

    private static TdxVerdict verify(Vector vector) {
        return INTEL.verify(vector.quote(), vector.collateral(), vector.verifyAt());
    }

    private static void assertRating(TdxVerdict verdict, String launchStatus) {
        if (launchStatus.startsWith("NO_MATCH")) {
            assertRule(verdict, "tdx.tcb.no-match");
            return;
        }
        assertThat(verdict)
                .isInstanceOfSatisfying(
                        TdxVerdict.Authentic.class,
                        authentic -> {
                            assertThat(authentic.claims().values())
                                    .containsEntry("tdx.tcb.launch-status", launchStatus)
                                    .containsEntry("tdx.relaunch-advised", "false");
                            assertThat(authentic.tcb().launch().label()).isEqualTo(launchStatus);
                        });
    }

    private static void assertRule(TdxVerdict verdict, String rule) {
        assertThat(verdict)
                .isInstanceOfSatisfying(
                        TdxVerdict.Refused.class,
                        refused -> assertThat(refused.rule()).isEqualTo(rule));
    }
}
