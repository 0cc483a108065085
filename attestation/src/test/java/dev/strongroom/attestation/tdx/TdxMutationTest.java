package dev.strongroom.attestation.tdx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.tdx.Vectors.Vector;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Flips single bits anywhere in genuine quotes and in the collateral that counts for them: no flip
 * survives and no flip makes the verifier throw. {@code -Dstrongroom.seed} changes which.
 */
class TdxMutationTest {
    private static final int MUTANTS = Integer.getInteger("strongroom.mutants", 5_000);
    private static final int MANY = 100_000;
    private static final int COLLATERAL_MUTANTS = 200;
    private static final long SEED = Long.getLong("strongroom.seed", 20_261_122L);
    private static final TdxVerifier INTEL = new TdxVerifier(TdxRoots.intel(), Tee.TDX);

    @Test
    void refusesASingleBitFlipInAnyByteOfAQuote() {
        var random = new Random(SEED);
        Vector vector = accepted().getFirst();
        for (int at = 0; at < Math.min(MUTANTS, vector.quote().length); at++) {
            assertRefused(vector, at * Byte.SIZE + random.nextInt(Byte.SIZE));
        }
    }

    @Tag("nightly")
    @Test
    void refusesManySingleBitFlips() {
        var random = new Random(SEED + 1);
        List<Vector> accepted = accepted();
        for (int i = 0; i < MANY; i++) {
            Vector vector = accepted.get(random.nextInt(accepted.size()));
            assertRefused(vector, random.nextInt(vector.quote().length * Byte.SIZE));
        }
    }

    @Test
    void refusesASingleBitFlipInCollateral() {
        var random = new Random(SEED + 2);
        List<Vector> accepted = accepted();
        for (int i = 0; i < COLLATERAL_MUTANTS; i++) {
            Vector vector = accepted.get(random.nextInt(accepted.size()));
            TdxCollateral genuine = vector.collateral();
            List<byte[]> infos = genuine.tcbInfos();
            List<byte[]> identities = genuine.qeIdentities();
            List<byte[]> lists = genuine.revocationLists();
            switch (random.nextInt(3)) {
                case 0 -> infos = flippedIn(infos, random);
                case 1 -> identities = flippedIn(identities, random);
                default -> lists = flippedIn(lists, random);
            }
            assertThat(
                            INTEL.verify(
                                    vector.quote(),
                                    new TdxCollateral(
                                            genuine.certificates(), lists, infos, identities),
                                    vector.verifyAt()))
                    .as("seed %d mutant %d: collateral of %s", SEED, i, vector)
                    .isInstanceOf(TdxVerdict.Refused.class);
        }
    }

    private static void assertRefused(Vector vector, int bit) {
        assertThat(
                        INTEL.verify(
                                flipped(vector.quote(), bit),
                                vector.collateral(),
                                vector.verifyAt()))
                .as("seed %d: %s bit %d", SEED, vector, bit)
                .isInstanceOf(TdxVerdict.Refused.class);
    }

    private static List<Vector> accepted() {
        return Vectors.all()
                .filter(v ->
                        INTEL.verify(v.quote(), v.collateral(), v.verifyAt())
                                instanceof TdxVerdict.Authentic)
                .toList();
    }

    private static List<byte[]> flippedIn(List<byte[]> originals, Random random) {
        var mutants = new ArrayList<>(originals);
        int which = random.nextInt(mutants.size());
        byte[] original = mutants.get(which);
        mutants.set(which, flipped(original, random.nextInt(original.length * Byte.SIZE)));
        return mutants;
    }

    private static byte[] flipped(byte[] original, int bit) {
        byte[] mutant = original.clone();
        mutant[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
        return mutant;
    }
}
