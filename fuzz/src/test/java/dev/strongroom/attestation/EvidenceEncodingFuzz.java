package dev.strongroom.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** Evidence as it arrives: items and devices of the sender's choice. */
class EvidenceEncodingFuzz {
    static List<byte[]> seeds() {
        var device =
                new DeviceEvidence(
                        Evidence.Format.NVIDIA_REPORT, new byte[40], List.of(new byte[5]));
        var item = new EvidenceItem(EvidenceItem.Kind.CRL, new byte[3]);
        return List.of(
                new Evidence(Evidence.Format.SNP_REPORT, new byte[7], List.of(new byte[2]))
                        .encode(),
                new Evidence(Evidence.Format.TDX_QUOTE, new byte[9], List.of(item), List.of(device))
                        .encode());
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsEvidenceInItsOneSpellingOrRefuses(byte[] input) throws Exception {
        var read = Hostile.read(input, MalformedEncodingException.class, Evidence::decode);
        if (read.isPresent()) {
            assertThat(read.get().encode()).isEqualTo(input);
        }
    }
}
