package dev.strongroom.attestation.tdx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.BitFlips;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.tdx.Vectors.Vector;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Flips single bits in every genuine quote and in the collateral that counts for it: no flip
 * survives and no flip makes the verifier throw.
 */
class TdxMutationTest {
    private static final int MUTANTS = 2_000;
    private static final int MANY = 100_000;
    private static final int COLLATERAL_MUTANTS = 200;
    private static final TdxVerifier INTEL = new TdxVerifier(TdxRoots.intel(), Tee.TDX);

    @Test
    void refusesASingleBitFlipInAQuote() {
        refusesInQuotes(MUTANTS);
    }

    @Tag("nightly")
    @Test
    void refusesASingleBitFlipInEveryByteOfEveryQuote() {
        refusesInQuotes(MANY);
    }

    @Test
    void refusesASingleBitFlipInCollateral() {
        refusesInCollateral(COLLATERAL_MUTANTS);
    }

    @Tag("nightly")
    @Test
    void refusesManySingleBitFlipsInCollateral() {
        refusesInCollateral(MANY / 10);
    }

    private static void refusesInQuotes(int mutants) {
        List<Vector> accepted = accepted();
        BitFlips.ofWhole(accepted.stream().map(Vector::quote).toList(), mutants)
                .forEach(flip -> {
                    Vector vector = accepted.get(flip.sample());
                    assertRefused(flip.mutant(), vector.collateral(), vector, flip);
                });
    }

    private static void refusesInCollateral(int mutants) {
        List<Vector> accepted = accepted();
        BitFlips.of(accepted.stream().map(v -> pieces(v.collateral())).toList(), mutants)
                .forEach(flip -> {
                    Vector vector = accepted.get(flip.sample());
                    TdxCollateral genuine = vector.collateral();
                    List<byte[]> pieces = flip.in(pieces(genuine));
                    int lists = genuine.revocationLists().size();
                    int infos = lists + genuine.tcbInfos().size();
                    var mutant =
                            new TdxCollateral(
                                    genuine.certificates(),
                                    pieces.subList(0, lists),
                                    pieces.subList(lists, infos),
                                    pieces.subList(infos, pieces.size()));
                    assertRefused(vector.quote(), mutant, vector, flip);
                });
    }

    /** Revocation lists, TCB infos and identities; certificates come with a quote as well. */
    private static List<byte[]> pieces(TdxCollateral collateral) {
        var pieces = new ArrayList<>(collateral.revocationLists());
        pieces.addAll(collateral.tcbInfos());
        pieces.addAll(collateral.qeIdentities());
        return pieces;
    }

    private static void assertRefused(
            byte[] quote, TdxCollateral collateral, Vector vector, BitFlips.Flip flip) {
        assertThat(INTEL.verify(quote, collateral, vector.verifyAt()))
                .as("%s, %s", vector, flip)
                .isInstanceOf(TdxVerdict.Refused.class);
    }

    /** Each quote that counts, with the collateral of the first day on which it does. */
    private static List<Vector> accepted() {
        var accepted = new LinkedHashMap<String, Vector>();
        Vectors.all()
                .filter(v ->
                        INTEL.verify(v.quote(), v.collateral(), v.verifyAt())
                                instanceof TdxVerdict.Authentic)
                .forEach(v -> accepted.putIfAbsent(v.name(), v));
        return List.copyOf(accepted.values());
    }
}
