package dev.strongroom.attestation.tdx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Tee;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Flips single bits in what a software platform signs, so that each byte counts also where no
 * recorded evidence is at hand, and in every piece of its collateral. {@code -Dstrongroom.seed}
 * changes which.
 */
class SoftwareMutationTest {
    private static final long SEED = Long.getLong("strongroom.seed", 20_261_122L);
    private static final int MUTANTS = 60; // of each piece of collateral
    private static final int TEXT_STEP = 10; // PEM is most of a quote, and one reader's
    private static final SoftwarePlatform PLATFORM = new SoftwarePlatform(5);
    private static final byte[] QUOTE = PLATFORM.quote();
    private static final TdxCollateral COLLATERAL = PLATFORM.collateral();
    private static final TdxVerifier VERIFIER = new TdxVerifier(PLATFORM.roots(), Tee.SIMULATED);

    private final Random random = new Random(SEED);

    @Test
    void refusesASingleBitFlipInAQuote() {
        int text = QUOTE.length - SoftwarePlatform.pem(PLATFORM.pckChain()).length;
        for (int at = 0; at < QUOTE.length; at += at < text ? 1 : TEXT_STEP) {
            assertRefused(flipped(QUOTE, at), COLLATERAL, "quote byte " + at);
        }
    }

    @Test
    void refusesASingleBitFlipInCollateral() {
        mutate(
                COLLATERAL.certificates(),
                mutants ->
                        new TdxCollateral(
                                mutants,
                                COLLATERAL.revocationLists(),
                                COLLATERAL.tcbInfos(),
                                COLLATERAL.qeIdentities()));
        mutate(
                COLLATERAL.revocationLists(),
                mutants ->
                        new TdxCollateral(
                                COLLATERAL.certificates(),
                                mutants,
                                COLLATERAL.tcbInfos(),
                                COLLATERAL.qeIdentities()));
        mutate(
                COLLATERAL.tcbInfos(),
                mutants ->
                        new TdxCollateral(
                                COLLATERAL.certificates(),
                                COLLATERAL.revocationLists(),
                                mutants,
                                COLLATERAL.qeIdentities()));
        mutate(
                COLLATERAL.qeIdentities(),
                mutants ->
                        new TdxCollateral(
                                COLLATERAL.certificates(),
                                COLLATERAL.revocationLists(),
                                COLLATERAL.tcbInfos(),
                                mutants));
    }

    private void mutate(List<byte[]> genuine, Function<List<byte[]>, TdxCollateral> collateral) {
        for (int i = 0; i < MUTANTS; i++) {
            var mutants = new ArrayList<>(genuine);
            int which = random.nextInt(mutants.size());
            int at = random.nextInt(mutants.get(which).length);
            mutants.set(which, flipped(mutants.get(which), at));
            assertRefused(QUOTE, collateral.apply(mutants), "piece " + which + " byte " + at);
        }
    }

    private static void assertRefused(byte[] quote, TdxCollateral collateral, String what) {
        assertThat(VERIFIER.verify(quote, collateral, TestCertificate.NOW))
                .as("seed %d: %s", SEED, what)
                .isInstanceOf(TdxVerdict.Refused.class);
    }

    private byte[] flipped(byte[] original, int at) {
        byte[] mutant = original.clone();
        mutant[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
        return mutant;
    }
}
