package dev.strongroom.attestation.tpm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.tpm.SignatureScheme.Algorithm;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Signatures in both forms, verified by keys of both types. */
class TpmSignatureFuzz {
    private static final SoftwareTpm ECC = SoftwareTpm.ecc("secp256r1", HashAlgorithm.SHA256);
    private static final SoftwareTpm RSA = SoftwareTpm.rsa(Algorithm.RSASSA, HashAlgorithm.SHA256);
    private static final byte[] NOTHING = {};
    private static final byte[] OTHER_QUOTE = ECC.quote(new byte[32]);

    static List<byte[]> seeds() {
        byte[] message = {1}; // genuine signatures, but of something else
        return Stream.of(ECC, RSA)
                .flatMap(tpm -> Stream.of(tpm.sign(message), tpm.signPlain(message)))
                .toList();
    }

    @MethodSource("seeds")
    @Fuzzed
    void believesNoSignatureOfSomethingElse(byte[] input) throws Exception {
        for (SoftwareTpm tpm : List.of(ECC, RSA)) {
            var verifier = new TpmVerifier(new AkTrust.Vouched(tpm.pair().getPublic()));
            var verdict =
                    Hostile.read(
                            input,
                            TpmFormatException.class,
                            signature ->
                                    verifier.verify(
                                            new TpmEvidence(
                                                    OTHER_QUOTE,
                                                    signature,
                                                    NOTHING,
                                                    NOTHING,
                                                    NOTHING),
                                            List.of(),
                                            Instant.EPOCH));
            assertThat(verdict.orElseThrow()).isInstanceOf(TpmVerdict.Refused.class);
        }
    }
}
