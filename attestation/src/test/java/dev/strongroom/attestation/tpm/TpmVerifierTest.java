package dev.strongroom.attestation.tpm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.tpm.SignatureScheme.Algorithm;
import dev.strongroom.attestation.tpm.SoftwareTpm.Register;
import java.security.PublicKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule fails alone: all else about the evidence is genuine. */
class TpmVerifierTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final SoftwareTpm ECC = SoftwareTpm.ecc("secp256r1", HashAlgorithm.SHA256);
    private static final SoftwareTpm RSA = SoftwareTpm.rsa(Algorithm.RSASSA, HashAlgorithm.SHA256);
    private static final SoftwareTpm OTHER = SoftwareTpm.ecc("secp256r1", HashAlgorithm.SHA256);
    private static final Register[] REGISTERS =
            SoftwareTpm.sha256(0, 7, 16).toArray(Register[]::new);
    private static final byte[] NOTHING = {};

    static Stream<SoftwareTpm> everyScheme() {
        return Stream.of(
                ECC,
                SoftwareTpm.ecc("secp384r1", HashAlgorithm.SHA384),
                SoftwareTpm.ecc("secp521r1", HashAlgorithm.SHA512),
                RSA,
                SoftwareTpm.rsa(Algorithm.RSASSA, HashAlgorithm.SHA384),
                SoftwareTpm.rsa(Algorithm.RSASSA, HashAlgorithm.SHA512),
                SoftwareTpm.rsa(Algorithm.RSAPSS, HashAlgorithm.SHA256),
                SoftwareTpm.rsa(Algorithm.RSAPSS, HashAlgorithm.SHA384),
                SoftwareTpm.rsa(Algorithm.RSAPSS, HashAlgorithm.SHA512));
    }

    @ParameterizedTest
    @MethodSource("everyScheme")
    void acceptsEverySchemeAndTellsTheRegisters(SoftwareTpm tpm) {
        TpmVerdict verdict = verify(tpm, tpm.evidence(REGISTERS));
        assertThat(verdict)
                .isInstanceOfSatisfying(
                        TpmVerdict.Authentic.class,
                        authentic -> {
                            assertThat(authentic.quote().speaksFor(SoftwareTpm.NONCE)).isTrue();
                            assertThat(authentic.claims())
                                    .containsEntry("tpm.pcr.sha256.7", "07".repeat(32))
                                    .containsEntry("tpm.pcr.sha256.16", "10".repeat(32))
                                    .containsEntry("tpm.ak.trust", "vouched")
                                    .containsEntry("tpm.safe", "true")
                                    .containsEntry("tpm.resets", "3")
                                    .containsEntry("tpm.firmware", "2019102300163636")
                                    .doesNotContainKey("tpm.pcr.sha256.1");
                        });
    }

    @ParameterizedTest
    @MethodSource("everyScheme")
    void acceptsPlainSignaturesWithAndWithoutThePublicArea(SoftwareTpm tpm) {
        byte[] quote = tpm.quote(NOTHING, REGISTERS);
        byte[] signature = tpm.signPlain(quote);
        byte[] values = SoftwareTpm.values(REGISTERS);
        assertAuthentic(
                verify(tpm, new TpmEvidence(quote, signature, tpm.area(), values, NOTHING)));
        assertAuthentic(verify(tpm, new TpmEvidence(quote, signature, NOTHING, values, NOTHING)));
    }

    @Test
    void acceptsTheLongestSaltThatOlderTpmsUse() {
        SoftwareTpm tpm = SoftwareTpm.rsa(Algorithm.RSAPSS, HashAlgorithm.SHA256);
        byte[] quote = tpm.quote(NOTHING, REGISTERS);
        byte[] signature = tpm.signPlain(quote, 256 - 32 - 2);
        assertAuthentic(verify(tpm, new TpmEvidence(quote, signature, NOTHING, NOTHING, NOTHING)));
    }

    @Test
    void acceptsSeveralBanksAndMakesNoClaimsOfSha1() {
        var sha1 = new Register(HashAlgorithm.SHA1, 0, new byte[20]);
        var sha256 = new Register(HashAlgorithm.SHA256, 0, new byte[32]);
        var sha384 = new Register(HashAlgorithm.SHA384, 23, new byte[48]);
        assertThat(verify(ECC, ECC.evidence(sha1, sha256, sha384)))
                .isInstanceOfSatisfying(
                        TpmVerdict.Authentic.class,
                        authentic ->
                                assertThat(authentic.claims().keySet())
                                        .filteredOn(name -> name.startsWith("tpm.pcr."))
                                        .containsExactlyInAnyOrder(
                                                "tpm.pcr.sha256.0", "tpm.pcr.sha384.23"));
    }

    @Test
    void acceptsAKeyByItsEnrolledName() {
        TpmEvidence evidence = ECC.evidence(REGISTERS);
        String name = HexFormat.of().formatHex(SoftwareTpm.TpmPublicBytes.name(ECC.area()));
        assertThat(verifyEnrolled(ECC, evidence))
                .isInstanceOfSatisfying(
                        TpmVerdict.Authentic.class,
                        authentic ->
                                assertThat(authentic.claims())
                                        .containsEntry("tpm.ak.name", name)
                                        .containsEntry("tpm.ak.trust", "enrolled"));
    }

    @Test
    void refusesAKeyThatWasNotEnrolled() {
        assertRule(
                new TpmVerifier(new AkTrust.Enrolled(Set.of()))
                        .verify(ECC.evidence(REGISTERS), List.of(), NOW),
                "tpm.ak.unknown");
    }

    @Test
    void refusesAnEnrolledKeyWithoutItsPublicArea() {
        TpmEvidence evidence = ECC.evidence(REGISTERS);
        var bare =
                new TpmEvidence(
                        evidence.quote(),
                        evidence.signature(),
                        NOTHING,
                        evidence.registers(),
                        NOTHING);
        assertRule(
                new TpmVerifier(new AkTrust.Enrolled(Set.of())).verify(bare, List.of(), NOW),
                "tpm.ak.missing");
    }

    @Test
    void refusesAnotherKeyThanTheOneVouchedFor() {
        assertRule(verify(OTHER.pair().getPublic(), ECC.evidence(REGISTERS)), "tpm.ak.other");
    }

    @Test
    void refusesASignatureByAnotherKey() {
        byte[] quote = ECC.quote(NOTHING, REGISTERS);
        var evidence = new TpmEvidence(quote, OTHER.sign(quote), ECC.area(), NOTHING, NOTHING);
        assertRule(verify(ECC, evidence), "tpm.signature");
    }

    @Test
    void refusesKeysThatSignMoreThanTheTpmMade() {
        int all = SoftwareTpm.ATTESTATION_KEY;
        Stream.of(
                        all & ~KeyAttributes.RESTRICTED,
                        all & ~KeyAttributes.SIGN,
                        all & ~KeyAttributes.FIXED_TPM,
                        all & ~KeyAttributes.FIXED_PARENT,
                        all & ~KeyAttributes.SENSITIVE_DATA_ORIGIN,
                        all | KeyAttributes.DECRYPT)
                .map(ECC::withAttributes)
                .forEach(tpm ->
                        assertRule(verify(tpm, tpm.evidence(REGISTERS)), "tpm.ak.attributes"));
    }

    @Test
    void refusesAVouchedAreaOfAKeyThatSignsMore() throws TpmFormatException {
        SoftwareTpm tpm =
                ECC.withAttributes(SoftwareTpm.ATTESTATION_KEY & ~KeyAttributes.RESTRICTED);
        byte[] quote = tpm.quote(NOTHING, REGISTERS);
        var evidence = new TpmEvidence(quote, tpm.sign(quote), NOTHING, NOTHING, NOTHING);
        assertRule(
                new TpmVerifier(AkTrust.Vouched.of(tpm.area())).verify(evidence, List.of(), NOW),
                "tpm.ak.attributes");
    }

    @Test
    void namesAKeyWhoseAreaWasVouchedFor() throws TpmFormatException {
        byte[] quote = ECC.quote(NOTHING, REGISTERS);
        var evidence = new TpmEvidence(quote, ECC.sign(quote), NOTHING, NOTHING, NOTHING);
        assertThat(new TpmVerifier(AkTrust.Vouched.of(ECC.area())).verify(evidence, List.of(), NOW))
                .isInstanceOfSatisfying(
                        TpmVerdict.Authentic.class,
                        authentic ->
                                assertThat(authentic.claims())
                                        .containsEntry("tpm.ak.trust", "vouched")
                                        .containsKey("tpm.ak.name"));
    }

    @Test
    void refusesAWeakKey() {
        SoftwareTpm weak = RSA.withPair(SoftwareTpm.rsaKey(1024));
        assertRule(verify(weak, weak.evidence(REGISTERS)), "tpm.ak.key");
    }

    @Test
    void refusesAnotherSchemeThanTheEnrolledKeysOwn() {
        byte[] quote = RSA.quote(NOTHING, REGISTERS);
        SoftwareTpm pss =
                RSA.withScheme(new SignatureScheme(Algorithm.RSAPSS, HashAlgorithm.SHA256));
        assertRule(
                verifyEnrolled(
                        RSA, new TpmEvidence(quote, pss.sign(quote), RSA.area(), NOTHING, NOTHING)),
                "tpm.ak.scheme");
    }

    @Test
    void refusesSha1() {
        SoftwareTpm sha1 =
                RSA.withScheme(new SignatureScheme(Algorithm.RSASSA, HashAlgorithm.SHA1));
        assertRule(verify(sha1, sha1.evidence(REGISTERS)), "tpm.ak.scheme");
    }

    @Test
    void refusesASchemeOfAnotherKeyType() {
        byte[] quote = ECC.quote(NOTHING, REGISTERS);
        assertRule(
                verify(ECC, new TpmEvidence(quote, RSA.sign(quote), NOTHING, NOTHING, NOTHING)),
                "tpm.ak.scheme");
    }

    @Test
    void refusesASignerNamedByAnotherHash() {
        byte[] quote = ECC.quote(NOTHING, REGISTERS);
        quote[9] ^= 0x07; // qualifiedSigner's algorithm: SHA-256 to SHA-384
        var evidence = new TpmEvidence(quote, ECC.sign(quote), ECC.area(), NOTHING, NOTHING);
        assertRule(verifyEnrolled(ECC, evidence), "tpm.ak.name");
    }

    @Test
    void refusesOtherRegisterValues() {
        TpmEvidence evidence = ECC.evidence(REGISTERS);
        byte[] values = evidence.registers().clone();
        values[values.length - 1] ^= 1;
        assertRule(
                verify(
                        ECC,
                        new TpmEvidence(
                                evidence.quote(),
                                evidence.signature(),
                                evidence.attestationKey(),
                                values,
                                NOTHING)),
                "tpm.pcr.digest");
    }

    @Test
    void refusesRegisterValuesOfAnotherLength() {
        TpmEvidence evidence = ECC.evidence(REGISTERS);
        for (int length : new int[] {1, 95, 97}) {
            assertRule(
                    verify(
                            ECC,
                            new TpmEvidence(
                                    evidence.quote(),
                                    evidence.signature(),
                                    evidence.attestationKey(),
                                    Arrays.copyOf(evidence.registers(), length),
                                    NOTHING)),
                    "tpm.format");
        }
    }

    @Test
    void makesNoRegisterClaimsWithoutValues() {
        byte[] quote = ECC.quote(NOTHING, REGISTERS);
        assertThat(verify(ECC, new TpmEvidence(quote, ECC.sign(quote), NOTHING, NOTHING, NOTHING)))
                .isInstanceOfSatisfying(
                        TpmVerdict.Authentic.class,
                        authentic ->
                                assertThat(authentic.claims().keySet())
                                        .noneMatch(name -> name.startsWith("tpm.pcr.")));
    }

    @Test
    void saysWhichDataItSpeaksFor() {
        assertThat(verify(ECC, ECC.evidence(REGISTERS)))
                .isInstanceOfSatisfying(
                        TpmVerdict.Authentic.class,
                        authentic ->
                                assertThat(authentic.quote().speaksFor(new byte[63])).isFalse());
    }

    static TpmVerdict verify(SoftwareTpm tpm, TpmEvidence evidence) {
        return verify(tpm.pair().getPublic(), evidence);
    }

    static TpmVerdict verifyEnrolled(SoftwareTpm tpm, TpmEvidence evidence) {
        String name = HexFormat.of().formatHex(SoftwareTpm.TpmPublicBytes.name(tpm.area()));
        return new TpmVerifier(new AkTrust.Enrolled(Set.of(name))).verify(evidence, List.of(), NOW);
    }

    static TpmVerdict verify(PublicKey key, TpmEvidence evidence) {
        return new TpmVerifier(new AkTrust.Vouched(key)).verify(evidence, List.of(), NOW);
    }

    static void assertAuthentic(TpmVerdict verdict) {
        assertThat(verdict).isInstanceOf(TpmVerdict.Authentic.class);
    }

    static void assertRule(TpmVerdict verdict, String rule) {
        assertThat(TpmVerifier.RULES).contains(rule);
        assertThat(verdict)
                .isInstanceOfSatisfying(
                        TpmVerdict.Refused.class,
                        refused -> assertThat(refused.rule()).isEqualTo(rule));
    }
}
