package dev.strongroom.attestation.tpm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.tpm.SignatureScheme.Algorithm;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** TPMT_PUBLIC with and without its size, and keys as operators have them. */
class TpmPublicFuzz {
    private static final SoftwareTpm ECC = SoftwareTpm.ecc("secp256r1", HashAlgorithm.SHA256);
    private static final SoftwareTpm RSA = SoftwareTpm.rsa(Algorithm.RSASSA, HashAlgorithm.SHA256);

    static List<byte[]> seeds() {
        return List.of(
                ECC.area(),
                RSA.area(),
                Structure.bigEndian().sized(ECC.area()).toByteArray(),
                ECC.pair().getPublic().getEncoded(),
                RSA.pair().getPublic().getEncoded());
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsAPublicAreaOrRefuses(byte[] input) throws Exception {
        var area = Hostile.read(input, TpmFormatException.class, TpmPublic::parse);
        if (area.isPresent()) {
            byte[] encoded = area.get().encoded();
            int size = input.length - encoded.length;
            assertThat(size).isIn(0, Short.BYTES);
            assertThat(encoded).isEqualTo(Arrays.copyOfRange(input, size, input.length));
        }
        Hostile.read(input, TpmFormatException.class, AkTrust.Vouched::of);
    }
}
