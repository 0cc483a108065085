package dev.strongroom.crypto.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.Version;
import dev.strongroom.crypto.transparency.MerkleTree;
import java.nio.ByteBuffer;
import java.security.KeyPair;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A receipt speaks of one answer of one lease, and of nothing else. */
class ReceiptTest {
    private static final int ANSWERS = 3;
    private static final byte[] SALT = new byte[Receipt.SALT_BYTES];

    private final MerkleTree tree = new MerkleTree();

    @Test
    void provesEachAnswerOfTheTree() throws Exception {
        for (int i = 0; i < ANSWERS; i++) {
            Receipt receipt = Receipt.decode(receipt(i).encode());
            assertThat(receipt.verify(lease()).answers()).isEqualTo(ANSWERS);
        }
    }

    @Test
    void refusesAnotherPlaceSaltQuestionOrAnswer() throws Exception {
        refuses(r -> with(r, r.index() + 1, r.path(), r.salt(), r.request(), r.response()));
        refuses(r -> with(r, ANSWERS, r.path(), r.salt(), r.request(), r.response()));
        refuses(r -> with(r, r.index(), List.of(), r.salt(), r.request(), r.response()));
        refuses(r ->
                with(
                        r,
                        r.index(),
                        r.path(),
                        new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
                        r.request(),
                        r.response()));
        refuses(r -> with(r, r.index(), r.path(), r.salt(), r.response(), r.response()));
        refuses(r -> with(r, r.index(), r.path(), r.salt(), r.request(), r.request()));
    }

    @Test
    void refusesAnotherLease() throws Exception {
        Lease other = TestLeases.withSeq(lease(), 2);
        assertThatThrownBy(() -> receipt(0).verify(other))
                .isInstanceOf(SealedFormatException.class)
                .hasMessageContaining("another lease");
        Lease otherKey = TestLeases.withTlsKey(lease(), Digest.sha256(new byte[7]));
        assertThatThrownBy(() -> receipt(0).verify(otherKey))
                .isInstanceOf(SealedFormatException.class)
                .hasMessageContaining("another key");
    }

    @Test
    void refusesAStatementOfAnotherKey() throws Exception {
        KeyPair stranger = Version.p256();
        byte[] forged =
                Records.receiptStatement(ANSWERS, grown().root())
                        .sign(P256.signer(stranger))
                        .encode();
        var receipt = Records.receipt(forged, 0, grown().inclusion(0, ANSWERS), SALT);
        assertThatThrownBy(() -> receipt.verify(lease())).isInstanceOf(SealedFormatException.class);
    }

    @Test
    void digestsDoNotDependOnTheOrderOfTensorsButOnEverythingElse() {
        var a = part("a", 1, 2);
        var b = part("b", 3);
        Digest both = ExchangeDigest.request("acme/m", "7", List.of(a, b));
        assertThat(ExchangeDigest.request("acme/m", "7", List.of(b, a))).isEqualTo(both);
        assertThat(ExchangeDigest.request("acme/m", "8", List.of(a, b))).isNotEqualTo(both);
        assertThat(ExchangeDigest.request("acme/n", "7", List.of(a, b))).isNotEqualTo(both);
        assertThat(ExchangeDigest.request("acme/m", "7", List.of(a))).isNotEqualTo(both);
        assertThat(ExchangeDigest.request("acme/m", "7", List.of(part("a", 1, 3), b)))
                .isNotEqualTo(both);
        assertThat(ExchangeDigest.response("acme/m", "1", "7", List.of(a, b))).isNotEqualTo(both);
    }

    private static ExchangeDigest.Part part(String name, int... values) {
        byte[] data = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            data[i] = (byte) values[i];
        }
        return new ExchangeDigest.Part(
                name, "UINT8", List.of((long) values.length), ByteBuffer.wrap(data));
    }

    private static Lease lease() {
        return TestLeases.withTlsKey(Records.lease(), Records.KEY_ID);
    }

    private Receipt receipt(int index) throws Exception {
        byte[] statement =
                Records.receiptStatement(ANSWERS, grown().root()).sign(Records.signer()).encode();
        return Records.receipt(statement, index, grown().inclusion(index, ANSWERS), SALT);
    }

    private MerkleTree grown() {
        Receipt any = Records.receipt(new byte[0], 0, List.of(), SALT);
        while (tree.size() < ANSWERS) {
            tree.append(MerkleTree.leafHash(Receipt.leaf(SALT, any.request(), any.response())));
        }
        return tree;
    }

    private void refuses(UnaryOperator<Receipt> bend) throws Exception {
        Receipt bent = bend.apply(receipt(1));
        assertThatThrownBy(() -> bent.verify(lease()))
                .isInstanceOf(SealedFormatException.class)
                .hasMessageContaining("does not speak of this answer");
    }

    private static Receipt with(
            Receipt r, int index, List<Digest> path, byte[] salt, Digest request, Digest response) {
        return new Receipt(
                r.statement(),
                r.tlsSpki(),
                index,
                path,
                salt,
                request,
                response,
                r.vaultIdentity(),
                r.lease(),
                r.proof());
    }
}
