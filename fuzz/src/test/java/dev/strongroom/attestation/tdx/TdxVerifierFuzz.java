package dev.strongroom.attestation.tdx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Tee;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** A quote from anybody, under collateral that counts: the platform's own is believed, no other. */
class TdxVerifierFuzz {
    private static final SoftwarePlatform PLATFORM = new SoftwarePlatform(5);
    private static final byte[] GENUINE = PLATFORM.quote();
    private static final TdxCollateral COLLATERAL = PLATFORM.collateral();
    private static final TdxVerifier VERIFIER = new TdxVerifier(PLATFORM.roots(), Tee.SIMULATED);

    static List<byte[]> seeds() {
        return List.of(GENUINE, new SoftwarePlatform(4).quote());
    }

    @MethodSource("seeds")
    @Fuzzed
    void believesThePlatformsOwnQuoteOnly(byte[] input) throws Exception {
        var verdict =
                Hostile.read(
                        input,
                        IllegalStateException.class,
                        quote -> VERIFIER.verify(quote, COLLATERAL, TestCertificate.NOW));
        if (verdict.orElseThrow() instanceof TdxVerdict.Authentic authentic) {
            assertThat(authentic.quote().signedBytes())
                    .isEqualTo(TdxQuote.parse(GENUINE).signedBytes());
        }
    }
}
