package dev.strongroom.attestation.snp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Revocation;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustAnchors;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PinnedRootsTest {
    @ParameterizedTest
    @EnumSource(ProductLine.class)
    void pinsTheRootCertificateThatAmdPublishes(ProductLine line) {
        byte[] root = Vectors.trust("ark_" + line.label().toLowerCase(Locale.ROOT) + ".der");
        assertThat(TrustAnchors.vendors().snpRoots().lines())
                .hasSize(3)
                .containsEntry(Digest.sha256(root), line);
    }

    @Test
    void readsATurinCertificate() throws SnpRefusal {
        SnpChain chain = turin();
        var extensions = new LeafExtensions(chain.leaf());

        assertThat(chain.line()).isEqualTo(ProductLine.TURIN);
        assertThat(chain.signingKey()).isEqualTo(SnpReport.SigningKey.VCEK);
        assertThat(extensions.line()).isEqualTo(ProductLine.TURIN);
        assertThat(extensions.hardwareId()).hasValueSatisfying(id -> assertThat(id).hasSize(8));
        assertThat(extensions.providerId()).isEmpty();
        assertThat(TcbVersion.of(extensions.tcb(ProductLine.TURIN), ProductLine.TURIN).fmc())
                .isPresent();
    }

    @Test
    void refusesACertificateWithTheNamesOfAPinnedRootButOtherBytes() {
        var certificates = new ArrayList<>(Vectors.authorities("Milan", "ask"));
        byte[] root = certificates.removeLast();
        root[root.length - 1] ^= 1; // the signature of a root protects nothing; the pin does
        certificates.add(root);
        Vectors.genuine()
                .filter(vector -> vector.name().startsWith("milan-v2"))
                .forEach(vector -> {
                    certificates.addFirst(vector.leaf());
                    assertThat(
                                    new SnpVerifier(
                                                    TrustAnchors.vendors().snpRoots(),
                                                    Tee.SEV_SNP,
                                                    Revocation.WHEN_GIVEN)
                                            .verify(
                                                    vector.report(),
                                                    List.copyOf(certificates),
                                                    List.of(),
                                                    vector.verifyAt()))
                            .isInstanceOfSatisfying(
                                    SnpVerdict.Refused.class,
                                    refused ->
                                            assertThat(refused.rule()).isEqualTo("snp.chain.root"));
                    certificates.removeFirst();
                });
    }

    private static SnpChain turin() throws SnpRefusal {
        var certificates = new ArrayList<>(Vectors.authorities("Turin", "ask"));
        certificates.add(
                Vectors.bytes(
                        Vectors.required()
                                .resolve("vectors")
                                .resolve("turin-vcek-only")
                                .resolve("vcek.der")));
        return SnpChain.verify(
                SnpChain.candidates(certificates).getFirst(),
                TrustAnchors.vendors().snpRoots(),
                SnpRevocation.of(List.of(), Revocation.WHEN_GIVEN),
                new SignatureChecks(),
                Instant.parse("2025-01-01T00:00:00Z"));
    }
}
