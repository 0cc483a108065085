package dev.strongroom.attestation.nitro;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.VendorAnchors;
import dev.strongroom.attestation.nitro.Vectors.Vector;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What real hypervisors signed is accepted, and everything derived from it is refused. */
class RecordedDocumentsTest {
    static final NitroVerifier AWS =
            new NitroVerifier(Set.of(VendorAnchors.AWS), Tee.NITRO, NitroVerifier.CHALLENGE_SKEW);

    @TestFactory
    Stream<DynamicTest> acceptsWhatRealHypervisorsSigned() {
        return Vectors.genuine()
                .map(vector ->
                        DynamicTest.dynamicTest(
                                vector.name(), () -> assertSaysWhatItShould(vector)));
    }

    @TestFactory
    Stream<DynamicTest> refusesTamperedDocuments() {
        return Vectors.all()
                .flatMap(vector ->
                        vector.twins().stream()
                                .map(twin ->
                                        DynamicTest.dynamicTest(
                                                vector + " " + twin.getFileName(),
                                                () ->
                                                        assertThat(
                                                                        AWS.verify(
                                                                                Vectors.bytes(twin),
                                                                                List.of(),
                                                                                vector.verifyAt()))
                                                                .isInstanceOf(
                                                                        NitroVerdict.Refused
                                                                                .class))));
    }

    @Test
    void refusesADocumentUnderAnotherRoot() {
        Vectors.all()
                .filter(vector -> !vector.isGenuine())
                .forEach(vector ->
                        assertThat(AWS.verify(vector.document(), List.of(), vector.verifyAt()))
                                .isInstanceOfSatisfying(
                                        NitroVerdict.Refused.class,
                                        refused ->
                                                assertThat(refused.rule())
                                                        .isEqualTo("nitro.chain.root")));
    }

    @Test
    void refusesBeforeAndAfterTheLeafsThreeHours() {
        Vectors.genuine()
                .forEach(vector ->
                        Stream.of(Duration.ofHours(-4), Duration.ofHours(4))
                                .map(vector.verifyAt()::plus)
                                .forEach(at ->
                                        assertThat(AWS.verify(vector.document(), List.of(), at))
                                                .isInstanceOfSatisfying(
                                                        NitroVerdict.Refused.class,
                                                        refused ->
                                                                assertThat(refused.rule())
                                                                        .isEqualTo(
                                                                                "nitro.chain.validity"))));
    }

    @Test
    void pinsTheRootCertificateThatAwsPublishes() throws Exception {
        byte[] pem =
                Vectors.bytes(Vectors.required().resolve("trust").resolve("aws_nitro_root_G1.pem"));
        byte[] der =
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(pem))
                        .getEncoded();

        assertThat(Digest.sha256(der)).isEqualTo(VendorAnchors.AWS);
    }

    private static void assertSaysWhatItShould(Vector vector) {
        assertThat(AWS.verify(vector.document(), List.of(), vector.verifyAt()))
                .isInstanceOfSatisfying(
                        NitroVerdict.Authentic.class,
                        authentic -> {
                            Map<String, String> claims = authentic.claims().values();
                            String meta = vector.meta();
                            assertThat(meta)
                                    .contains(
                                            "\"debug\": " + claims.get("nitro.debug"),
                                            "\"module_id\": \""
                                                    + claims.get("nitro.module-id")
                                                    + "\"");
                            var pcrs = Pattern.compile("\"(\\d+)\": \"([0-9a-f]{96})\"");
                            pcrs.matcher(meta)
                                    .results()
                                    .forEach(pcr ->
                                            assertThat(claims)
                                                    .containsEntry(
                                                            "nitro.pcr" + pcr.group(1),
                                                            pcr.group(2)));
                            claims.forEach((name, value) -> {
                                if (Set.of("nitro.public-key", "nitro.user-data", "nitro.nonce")
                                        .contains(name)) {
                                    assertThat(meta).contains("\"" + value + "\"");
                                }
                            });
                            assertThat(authentic.claims().hostData()).isEmpty();
                        });
    }
}
