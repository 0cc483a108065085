package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.OwnerSide.ACME;
import static dev.strongroom.crypto.custody.OwnerSide.newBinding;
import static dev.strongroom.crypto.custody.OwnerSide.newDataKey;
import static dev.strongroom.crypto.custody.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.custody.CustodyException.Reason;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Stored records are believed only as the token wrote them. */
class RecordTest {
    private static final int WRAPPED_BYTES = 40;
    private static final int AFTER_WRAPPED_BYTES = 4 + 32 + 32; // manifest digest, MAC

    private static TestToken token;
    private static byte[] first;
    private static byte[] second;

    @BeforeAll
    static void open() throws Exception {
        token = TestToken.make();
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
    void refusesEveryFlippedByte() {
        for (int i = 0; i < first.length; i++) {
            byte[] flipped = first.clone();
            flipped[i] ^= (byte) (1 << (i % 8));
            assertNotAuthentic(flipped);
        }
    }

    @Test
    void refusesEveryOtherLength() {
        for (int length = 0; length < first.length; length++) {
            assertNotAuthentic(Arrays.copyOf(first, length));
        }
        assertNotAuthentic(Arrays.copyOf(first, first.length + 1));
        assertNotAuthentic(new byte[1025]);
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
