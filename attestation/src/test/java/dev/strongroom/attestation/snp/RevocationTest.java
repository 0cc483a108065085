package dev.strongroom.attestation.snp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Revocation;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.snp.Vectors.Vector;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** AMD's own revocation lists of 2022, against reports recorded inside and outside their time. */
class RevocationTest {
    private static final Instant MILAN_ISSUED = Instant.parse("2022-05-09T17:07:45Z");
    private static final Instant MILAN_ENDS = Instant.parse("2023-05-09T23:00:00Z");
    private static final Instant GENOA_CURRENT = Instant.parse("2023-06-01T00:00:00Z");

    private static final SnpVerifier AMD =
            new SnpVerifier(TrustAnchors.vendors().snpRoots(), Tee.SEV_SNP);

    @Test
    void acceptsUnderACurrentList() {
        byte[] list = Vectors.trust("crl_ark_milan_2022-05-09.der");
        assertThat(milan().stream().filter(RevocationTest::isCurrent))
                .isNotEmpty()
                .allSatisfy(vector ->
                        assertThat(verify(vector, list)).isInstanceOf(SnpVerdict.Authentic.class));
    }

    @Test
    void refusesUnderAStaleList() {
        byte[] list = Vectors.trust("crl_ark_milan_2022-05-09.der");
        assertThat(milan().stream().filter(vector -> !isCurrent(vector)))
                .isNotEmpty()
                .allSatisfy(
                        vector -> assertRule(verify(vector, list), "snp.chain.revocation-unknown"));
    }

    @Test
    void refusesWhenOnlyAnotherRootsListIsGiven() {
        byte[] list = Vectors.trust("crl_ark_genoa_2022-10-31.der");
        for (Vector vector : milan()) {
            assertRule(verify(vector, list), "snp.chain.revocation-unknown");
        }
    }

    @Test
    void refusesWithoutAnyList() {
        for (Vector vector : milan()) {
            assertRule(verify(vector), "snp.chain.revocation-unknown");
        }
    }

    /** Nobody takes a revocation back: an old list counts, and so it does when none is demanded. */
    @ParameterizedTest
    @EnumSource(Revocation.class)
    void refusesTheIntermediateThatAmdRevoked(Revocation demand) throws Exception {
        var chain = new ArrayList<byte[]>();
        chain.add(genoaLeaf());
        chain.add(Vectors.trust("ask_genoa_REVOKED_0x20001.der"));
        chain.add(Vectors.trust("ark_genoa.der"));
        var candidate = SnpChain.candidates(chain).getFirst();
        var list = List.of(Vectors.trust("crl_ark_genoa_2022-10-31.der"));

        for (Instant at : List.of(GENOA_CURRENT, GENOA_CURRENT.plus(Duration.ofDays(3650)))) {
            assertThatThrownBy(() ->
                            SnpRevocation.of(list, demand)
                                    .requireNotRevoked(
                                            candidate.intermediate(),
                                            candidate.root(),
                                            new SignatureChecks(),
                                            at))
                    .isInstanceOfSatisfying(
                            SnpRefusal.class,
                            refusal ->
                                    assertThat(refusal.verdict().rule())
                                            .isEqualTo("snp.chain.revoked"));
        }
    }

    @Test
    void refusesTheRevokedIntermediateWithoutAnyListToo() {
        byte[] revoked = Vectors.trust("ask_genoa_REVOKED_0x20001.der");
        assertThat(TrustAnchors.vendors().snpRoots().revokedIntermediates())
                .containsExactly(Digest.sha256(revoked));
    }

    @Test
    void refusesAListThatTheRootDidNotSign() {
        byte[] forged = Vectors.trust("crl_ark_milan_2022-05-09.der");
        forged[forged.length - 1] ^= 1;
        for (Vector vector : milan()) {
            assertRule(verify(vector, forged), "snp.chain.revocation-unknown");
        }
    }

    private static SnpVerdict verify(Vector vector, byte[]... lists) {
        return AMD.verify(
                vector.report(), vector.certificates(), List.of(lists), vector.verifyAt());
    }

    private static List<Vector> milan() {
        return Vectors.genuine().filter(vector -> vector.name().startsWith("milan")).toList();
    }

    private static byte[] genoaLeaf() {
        return Vectors.genuine()
                .filter(vector -> vector.name().startsWith("genoa"))
                .findFirst()
                .orElseThrow()
                .leaf();
    }

    private static boolean isCurrent(Vector vector) {
        return vector.verifyAt().isAfter(MILAN_ISSUED) && vector.verifyAt().isBefore(MILAN_ENDS);
    }

    private static void assertRule(SnpVerdict verdict, String rule) {
        assertThat(verdict)
                .isInstanceOfSatisfying(
                        SnpVerdict.Refused.class,
                        refused -> assertThat(refused.rule()).isEqualTo(rule));
    }
}
