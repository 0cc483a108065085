package dev.strongroom.crypto.transparency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NonceBatchTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 8, 9, 255, 256})
    void provesEveryNonceAtItsPlaceAndNoOther(int size) {
        List<byte[]> nonces = nonces(size);
        var batch = new NonceBatch(nonces);
        Digest root = Digest.of(batch.root());
        for (int i = 0; i < size; i++) {
            List<Digest> path = batch.proof(i);
            assertThat(NonceBatch.contains(nonces.get(i), i, size, path, root)).isTrue();
            assertThat(NonceBatch.contains(nonce(999), i, size, path, root)).isFalse();
            assertThat(NonceBatch.contains(nonces.get(i), i, size, path, Digest.sha256()))
                    .isFalse();
        }
        assertThat(NonceBatch.contains(batch.root(), 0, 1, List.of(), root))
                .as("the root itself is no nonce")
                .isFalse();
    }

    @Test
    void keepsItsLimits() {
        assertThatThrownBy(() -> new NonceBatch(List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new NonceBatch(nonces(257)))
                .isInstanceOf(IllegalArgumentException.class);
        Digest leaf = MerkleTree.leafHash(nonce(1));
        assertThat(NonceBatch.contains(nonce(1), 0, 1, List.of(), leaf)).isTrue();
        assertThat(NonceBatch.contains(nonce(1), -1, 1, List.of(), leaf)).isFalse();
        assertThat(NonceBatch.contains(nonce(1), 1, 1, List.of(), leaf)).isFalse();
        assertThat(NonceBatch.contains(nonce(1), 0, 0, List.of(), leaf)).isFalse();
        assertThat(NonceBatch.contains(nonce(1), 0, 257, List.of(), leaf)).isFalse();
    }

    private static List<byte[]> nonces(int size) {
        var nonces = new ArrayList<byte[]>();
        for (int i = 0; i < size; i++) {
            nonces.add(nonce(i));
        }
        return nonces;
    }

    private static byte[] nonce(int number) {
        return Digest.sha256(new byte[] {(byte) number, (byte) (number >> 8)}).bytes();
    }
}
