package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.OwnerSide.ACME;
import static dev.strongroom.crypto.custody.OwnerSide.newBinding;
import static dev.strongroom.crypto.custody.OwnerSide.newDataKey;
import static dev.strongroom.crypto.custody.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.transparency.MerkleTree;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Stored records are believed only as the token wrote them. */
class RecordTest {
    private static final int WRAPPED_BYTES = 40;
    private static final int AFTER_WRAPPED_BYTES = 4 + 32 + 8 + 32; // manifest digest, place, MAC

    private static TestToken token;
    private static byte[] first;
    private static byte[] second;
    private static List<byte[]> together;

    @BeforeAll
    static void open() throws Exception {
        token = TestToken.make();
        token.custodian().createKek(ACME, 2);
        var keys = new ArrayList<WrappedKey.AtRest>();
        for (int i = 0; i < 3; i++) {
            keys.add(token.imported(newDataKey(), newBinding(ACME)));
        }
        together =
                token.custodian().rewrapAll(keys, 2).stream()
                        .map(WrappedKey.AtRest::encoded)
                        .toList();
        first = token.imported(newDataKey(), newBinding(ACME)).encoded();
        second = token.imported(newDataKey(), newBinding(ACME)).encoded();
    }

    @AfterAll
    static void close() {
        token.close();
    }

    @Test
    void readsWhatItWrote() throws Exception {
        assertThat(token.custodian().authenticate(first).encoded()).isEqualTo(first);
    }

    @Test
    void refusesARecordWithTheKeyOfAnother() {
        byte[] swapped = first.clone();
        int at = first.length - AFTER_WRAPPED_BYTES - WRAPPED_BYTES;
        System.arraycopy(second, at, swapped, at, WRAPPED_BYTES);

        assertNotAuthentic(swapped);
    }

    @Test
    void refusesTheBodyOfOneWithTheMacOfAnother() {
        byte[] swapped = first.clone();
        int mac = first.length - 32;
        System.arraycopy(second, mac, swapped, mac, 32);

        assertNotAuthentic(swapped);
    }

    @Test
    void refusesTheBodyOfOneWithTheProofOfAnother() {
        int body = together.get(2).length - 32 - 8 - 32; // its leaf is a child of the root
        byte[] swapped = together.get(2).clone();
        System.arraycopy(second, 0, swapped, 0, body);

        assertThat(second).hasSizeGreaterThan(body);
        assertNotAuthentic(swapped);
    }

    @Test
    void refusesTheOtherPlacesOfATree() {
        for (int index = -1; index <= 4; index++) {
            for (int size = -1; size <= 5; size++) {
                byte[] moved = together.getFirst().clone();
                ByteBuffer.wrap(moved).putInt(moved.length - 40, index);
                ByteBuffer.wrap(moved).putInt(moved.length - 36, size);
                if (index != 0 || size != 3) {
                    assertNotAuthentic(moved);
                }
            }
        }
    }

    /** A node of the tree is not a body, although its hash leads to the same root. */
    @Test
    void refusesANodeInThePlaceOfABody() {
        byte[] leaf = together.getFirst();
        byte[] upper = Arrays.copyOfRange(leaf, leaf.length - 72, leaf.length - 40);
        byte[] sibling = Arrays.copyOfRange(leaf, leaf.length - 104, leaf.length - 72);
        byte[] body = Arrays.copyOf(leaf, leaf.length - 104);
        byte[] children =
                ByteBuffer.allocate(64).put(MerkleTree.leafHash(body).bytes()).put(sibling).array();
        byte[] tag = Arrays.copyOfRange(leaf, leaf.length - 32, leaf.length);
        var forged = ByteBuffer.allocate(64 + 32 + 8 + 32).put(children).put(upper);
        assertNotAuthentic(forged.putInt(0).putInt(2).put(tag).array());
    }

    @Test
    void refusesEveryFlippedByte() {
        for (byte[] record : List.of(first, together.getFirst(), together.getLast())) {
            for (int i = 0; i < record.length; i++) {
                byte[] flipped = record.clone();
                flipped[i] ^= (byte) (1 << (i % 8));
                assertNotAuthentic(flipped);
            }
        }
    }

    @Test
    void refusesEveryOtherLength() {
        for (byte[] record : List.of(first, together.getFirst())) {
            for (int length = 0; length < record.length; length++) {
                assertNotAuthentic(Arrays.copyOf(record, length));
            }
            assertNotAuthentic(Arrays.copyOf(record, record.length + 1));
        }
        assertNotAuthentic(new byte[1281]);
    }

    @Test
    void refusesARecordOfAnotherToken() throws Exception {
        try (TestToken other = TestToken.make()) {
            byte[] foreign = other.imported(newDataKey(), newBinding(ACME)).encoded();

            assertNotAuthentic(foreign);
        }
    }

    private static void assertNotAuthentic(byte[] record) {
        assertRefused(Reason.RECORD_NOT_AUTHENTIC, () -> token.custodian().authenticate(record));
    }
}
