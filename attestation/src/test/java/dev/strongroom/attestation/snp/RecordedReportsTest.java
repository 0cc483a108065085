package dev.strongroom.attestation.snp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Revocation;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.snp.Vectors.Vector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Hardware-signed evidence is accepted, and everything derived from it by tampering is refused. */
class RecordedReportsTest {
    private static final SnpVerifier AMD =
            new SnpVerifier(TrustAnchors.vendors().snpRoots(), Tee.SEV_SNP, Revocation.WHEN_GIVEN);

    @TestFactory
    Stream<DynamicTest> acceptsWhatRealChipsSigned() {
        return Vectors.genuine()
                .map(vector ->
                        DynamicTest.dynamicTest(
                                vector.name(),
                                () ->
                                        assertThat(verify(vector))
                                                .isInstanceOf(SnpVerdict.Authentic.class)));
    }

    @TestFactory
    Stream<DynamicTest> refusesTamperedReports() {
        return Vectors.genuine()
                .filter(vector -> Files.isDirectory(folder(vector).resolve("neg")))
                .flatMap(vector ->
                        Vectors.list(folder(vector).resolve("neg"))
                                .map(twin -> refuses(vector, twin)));
    }

    @TestFactory
    Stream<DynamicTest> refusesEveryReportUnderAWrongCertificate() {
        return Vectors.folders()
                .filter(folder -> folder.getFileName().toString().startsWith("neg-"))
                .flatMap(Vectors::list)
                .flatMap(wrong ->
                        Vectors.genuine()
                                .map(vector ->
                                        DynamicTest.dynamicTest(
                                                wrong.getFileName() + " for " + vector,
                                                () -> refusesLeaf(vector, wrong))));
    }

    @Test
    void refusesReportsWithoutCertificates() {
        Vectors.folders()
                .filter(folder -> folder.getFileName().toString().startsWith("nocert-"))
                .forEach(folder ->
                        assertThat(
                                        AMD.verify(
                                                Vectors.bytes(folder.resolve("report.bin")),
                                                List.of(),
                                                List.of(),
                                                Instant.EPOCH))
                                .isInstanceOfSatisfying(
                                        SnpVerdict.Refused.class,
                                        refused ->
                                                assertThat(refused.rule())
                                                        .isEqualTo("snp.endorsements")));
    }

    @Test
    void acceptsCertificatesInAnyOrderAndWithOthersAmongThem() {
        List<Vector> vectors = Vectors.genuine().toList();
        var random = new Random(7);
        for (Vector vector : vectors) {
            Vector other = vectors.get(random.nextInt(vectors.size()));
            var certificates = new ArrayList<>(vector.certificates());
            certificates.addAll(other.certificates());
            Collections.shuffle(certificates, random);
            assertThat(AMD.verify(vector.report(), certificates, List.of(), vector.verifyAt()))
                    .as("%s with %s", vector, other)
                    .isInstanceOf(SnpVerdict.Authentic.class);
        }
    }

    @Test
    void refusesOneChipsReportWithAnotherChipsCertificate() {
        List<Vector> vectors = Vectors.genuine().toList();
        for (Vector vector : vectors) {
            for (Vector other : vectors) {
                if (vector.name().equals(other.name())) {
                    continue;
                }
                assertThat(
                                AMD.verify(
                                        vector.report(),
                                        other.certificates(),
                                        List.of(),
                                        other.verifyAt()))
                        .as("%s under %s", vector, other)
                        .isInstanceOf(SnpVerdict.Refused.class);
            }
        }
    }

    @Test
    void refusesOutsideTheCertificatesValidity() {
        Vectors.genuine()
                .forEach(vector -> {
                    assertRule(vector, Instant.EPOCH, "snp.chain.validity");
                    assertRule(
                            vector,
                            vector.verifyAt().plus(Duration.ofDays(3650)),
                            "snp.chain.validity");
                });
    }

    @Test
    void refusesRealChipsUnderATestRoot() {
        var testRoots =
                new SnpRoots(Map.of(Digest.sha256(new byte[1]), ProductLine.GENOA), 4096, Set.of());
        var simulated = new SnpVerifier(testRoots, Tee.SIMULATED, Revocation.WHEN_GIVEN);
        Vectors.genuine()
                .forEach(vector ->
                        assertThat(
                                        simulated.verify(
                                                vector.report(),
                                                vector.certificates(),
                                                List.of(),
                                                vector.verifyAt()))
                                .isInstanceOfSatisfying(
                                        SnpVerdict.Refused.class,
                                        refused ->
                                                assertThat(refused.rule())
                                                        .isEqualTo("snp.chain.root")));
    }

    @Test
    void readsClaimsOfAVlekReport() {
        Vectors.genuine()
                .filter(vector -> vector.name().contains("vlek"))
                .forEach(vector ->
                        assertThat(verify(vector))
                                .isInstanceOfSatisfying(
                                        SnpVerdict.Authentic.class,
                                        authentic ->
                                                assertThat(authentic.claims().values())
                                                        .containsEntry("snp.signer", "vlek")
                                                        .containsEntry("snp.product", "Milan")
                                                        .containsEntry(
                                                                "snp.provider",
                                                                "CN=cc-us-east-2.amazonaws.com")));
    }

    private static DynamicTest refuses(Vector vector, Path twin) {
        return DynamicTest.dynamicTest(
                vector + " " + twin.getFileName(),
                () ->
                        assertThat(
                                        AMD.verify(
                                                Vectors.bytes(twin),
                                                vector.certificates(),
                                                List.of(),
                                                vector.verifyAt()))
                                .isInstanceOf(SnpVerdict.Refused.class));
    }

    private static void refusesLeaf(Vector vector, Path wrong) {
        var certificates = new ArrayList<>(vector.chain());
        certificates.addFirst(Vectors.bytes(wrong));
        assertThat(AMD.verify(vector.report(), certificates, List.of(), vector.verifyAt()))
                .isInstanceOf(SnpVerdict.Refused.class);
    }

    private static void assertRule(Vector vector, Instant at, String rule) {
        assertThat(AMD.verify(vector.report(), vector.certificates(), List.of(), at))
                .isInstanceOfSatisfying(
                        SnpVerdict.Refused.class,
                        refused -> assertThat(refused.rule()).isEqualTo(rule));
    }

    private static SnpVerdict verify(Vector vector) {
        return AMD.verify(vector.report(), vector.certificates(), List.of(), vector.verifyAt());
    }

    private static Path folder(Vector vector) {
        return Vectors.required().resolve("vectors").resolve(vector.name());
    }
}
