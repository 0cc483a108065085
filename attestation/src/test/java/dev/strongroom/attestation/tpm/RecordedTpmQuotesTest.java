package dev.strongroom.attestation.tpm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.tpm.Vectors.Vector;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a TPM signed is accepted, by its key in any form, and by no other key. */
class RecordedTpmQuotesTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void acceptsWhatATpmSigned() throws TpmFormatException {
        for (Vector vector : Vectors.genuine()) {
            for (AkTrust trust :
                    List.of(byArea(vector), bySpki(vector), byName(vector.evidence()))) {
                assertThat(verify(trust, vector.evidence()))
                        .as("%s by %s", vector, trust.getClass().getSimpleName())
                        .isInstanceOfSatisfying(
                                TpmVerdict.Authentic.class,
                                authentic ->
                                        assertThat(authentic.quote().extraData())
                                                .isEqualTo(vector.extraData()));
            }
        }
    }

    @Test
    void tellsTheRegisters() throws TpmFormatException {
        for (Vector vector : Vectors.genuine()) {
            var verdict = (TpmVerdict.Authentic) verify(byArea(vector), vector.evidence());
            assertThat(verdict.claims())
                    .containsEntry("tpm.pcr.sha256.0", "00".repeat(32))
                    .containsKeys("tpm.pcr.sha256.16", "tpm.pcr.sha256.23")
                    .containsEntry("tpm.firmware", "2019102300163636");
        }
    }

    @Test
    void refusesItUnderAnotherKey() {
        SoftwareTpm other = SoftwareTpm.ecc("secp256r1", HashAlgorithm.SHA256);
        for (Vector vector : Vectors.genuine()) {
            TpmEvidence genuine = vector.evidence();
            var swapped =
                    new TpmEvidence(
                            genuine.quote(),
                            genuine.signature(),
                            other.area(),
                            genuine.registers(),
                            genuine.eventLog());
            assertThat(verify(new AkTrust.Vouched(other.pair().getPublic()), swapped))
                    .isInstanceOf(TpmVerdict.Refused.class);
        }
    }

    private static AkTrust byArea(Vector vector) throws TpmFormatException {
        return AkTrust.Vouched.of(vector.evidence().attestationKey());
    }

    private static AkTrust bySpki(Vector vector) throws TpmFormatException {
        return AkTrust.Vouched.of(vector.spki());
    }

    static AkTrust byName(TpmEvidence evidence) throws TpmFormatException {
        byte[] name = TpmPublic.parse(evidence.attestationKey()).name();
        return new AkTrust.Enrolled(Set.of(HexFormat.of().formatHex(name)));
    }

    static TpmVerdict verify(AkTrust trust, TpmEvidence evidence) {
        return new TpmVerifier(trust).verify(evidence, List.of(), NOW);
    }
}
