package dev.strongroom.crypto.custody.bcfks;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.spec.SecretKeySpec;

/** RFC 3394, 4.6: that what this Java calls key wrap is what the stored records say it is. */
final class KnownAnswer {
    private static final byte[] KEK =
            hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    private static final byte[] KEY =
            hex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
    private static final byte[] WRAPPED =
            hex(
                    "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326"
                            + "cbc7f0e71a99f43bfb988b9b7a02dd21");

    private KnownAnswer() {}

    /**
     * @throws CustodyException SELF_TEST_FAILED
     */
    static void require() throws CustodyException {
        var kek = new SecretKeySpec(KEK, Entries.AES);
        if (!Arrays.equals(DataKeys.wrap(kek, KEY), WRAPPED)
                || !Arrays.equals(DataKeys.unwrap(kek, WRAPPED), KEY)) {
            throw new CustodyException(
                    Reason.SELF_TEST_FAILED,
                    "AES key wrap of this Java does not give the answer of RFC 3394; use another"
                            + " Java");
        }
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }
}
