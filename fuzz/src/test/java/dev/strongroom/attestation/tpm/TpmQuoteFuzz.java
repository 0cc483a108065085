package dev.strongroom.attestation.tpm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** TPMS_ATTEST: lengths, banks and bitmaps are the attester's. */
class TpmQuoteFuzz {
    private static final SoftwareTpm TPM = SoftwareTpm.ecc("secp256r1", HashAlgorithm.SHA256);

    static List<byte[]> seeds() {
        return List.of(
                TPM.quote(
                        new byte[32],
                        SoftwareTpm.sha256(0, 7).toArray(SoftwareTpm.Register[]::new)),
                TPM.quote(
                        new byte[0],
                        new SoftwareTpm.Register(HashAlgorithm.SHA1, 0, new byte[20]),
                        new SoftwareTpm.Register(HashAlgorithm.SHA384, 23, new byte[48])));
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsAQuoteOrRefuses(byte[] input) throws Exception {
        var quote = Hostile.read(input, TpmFormatException.class, TpmQuote::parse);
        if (quote.isPresent()) {
            assertThat(quote.get().signedBytes()).isEqualTo(input);
            Hostile.read(
                    new byte[64],
                    TpmFormatException.class,
                    values -> PcrValues.of(quote.get().selections(), values));
        }
    }
}
