package dev.strongroom.attestation.nitro;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Tee;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.provider.MethodSource;

/** A signed document: frame, fields and certificates are all the attester's. */
class NitroDocumentFuzz {
    private static final SoftwareEnclave ENCLAVE = SoftwareEnclave.create();
    private static final byte[] GENUINE = ENCLAVE.document();
    private static final NitroVerifier VERIFIER =
            new NitroVerifier(Set.of(ENCLAVE.root()), Tee.SIMULATED, Duration.ofMinutes(5));

    static List<byte[]> seeds() {
        return List.of(GENUINE);
    }

    @MethodSource("seeds")
    @Fuzzed
    void believesTheEnclavesOwnDocumentOnly(byte[] input) throws Exception {
        var document = Hostile.read(input, NitroFormatException.class, NitroDocument::parse);
        if (document.isPresent()
                && VERIFIER.verify(input, List.of(), SoftwareEnclave.NOW)
                        instanceof NitroVerdict.Authentic authentic) {
            assertThat(authentic.document().signedBytes())
                    .isEqualTo(NitroDocument.parse(GENUINE).signedBytes());
        }
    }
}
