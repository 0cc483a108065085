package dev.strongroom.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NodeOwnersTest {
    private static final Digest ACME = Digest.sha256(new byte[] {2});
    private static final Digest GLOBEX = Digest.sha256(new byte[] {7});
    private static final Digest INITECH = Digest.sha256(new byte[] {9});

    /** Computed with another implementation of the encoding. */
    private static final Digest GOLDEN =
            new Digest("74ba50871aeb562e7b891dc9d4acefedb990b68e7763265e067bbfffeee2146f");

    @Test
    void isLaunchedWithTheIdOfOneOwnerAndTheDigestOfSeveral() {
        assertThat(NodeOwners.alone(ACME).hostData()).isEqualTo(ACME);
        assertThat(NodeOwners.among(ACME, Set.of(GLOBEX)).hostData()).isEqualTo(GOLDEN);
    }

    @Test
    void isOneNodeWhicheverOwnerLooks() {
        var all = List.of(GLOBEX, INITECH, ACME);
        assertThat(all.stream().map(own -> NodeOwners.among(own, all).hostData()).distinct())
                .hasSize(1);
        assertThat(NodeOwners.among(ACME, List.of(ACME))).isEqualTo(NodeOwners.alone(ACME));
    }

    @Test
    void isAnotherNodeWithAnotherOwner() {
        Digest two = NodeOwners.among(ACME, Set.of(GLOBEX)).hostData();
        assertThat(NodeOwners.among(ACME, Set.of(INITECH)).hostData()).isNotEqualTo(two);
        assertThat(NodeOwners.among(ACME, Set.of(GLOBEX, INITECH)).hostData()).isNotEqualTo(two);
        assertThat(NodeOwners.alone(two).hostData())
                .as("an owner whose id were such a digest would need its preimage as his key")
                .isEqualTo(two);
    }

    @Test
    void hasOneSpelling() {
        var ascending = NodeOwners.among(ACME, Set.of(GLOBEX, INITECH)).others();
        assertThat(new NodeOwners(ACME, ascending).others()).isSorted();
        assertRefused(ascending.reversed());
        assertRefused(List.of(GLOBEX, GLOBEX));
        assertRefused(List.of(ACME));
    }

    @Test
    void isOfEightOwnersAtMost() {
        var others = new ArrayList<Digest>();
        for (byte i = 10; others.size() < NodeOwners.MAX_OWNERS - 1; i++) {
            others.add(Digest.sha256(new byte[] {i}));
        }
        assertThat(NodeOwners.among(ACME, others).others()).hasSize(NodeOwners.MAX_OWNERS - 1);
        others.add(GLOBEX);
        assertThatThrownBy(() -> NodeOwners.among(ACME, others))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 7");
    }

    private static void assertRefused(List<Digest> others) {
        assertThatThrownBy(() -> new NodeOwners(ACME, others))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ascend");
    }
}
