package dev.strongroom.testkit.hunt;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * The shapes in which a secret can lie about: raw, each half, hexadecimal, Base64, and for a
 * 32-byte key the round keys that AES-256 makes of it, in either byte order.
 */
public final class KeyNeedles {
    private KeyNeedles() {}

    /** Adds every shape of {@code secret}, which has at least 32 bytes. */
    public static void add(Needles.Builder needles, String name, byte[] secret) {
        needles.add(name + " raw", secret);
        needles.add(name + " first half", Arrays.copyOf(secret, secret.length / 2));
        needles.add(
                name + " second half",
                Arrays.copyOfRange(secret, secret.length / 2, secret.length));
        needles.add(name + " hex", text(HexFormat.of().formatHex(secret)));
        needles.add(name + " HEX", text(HexFormat.of().withUpperCase().formatHex(secret)));
        needles.add(
                name + " base64", text(withoutPadding(Base64.getEncoder().encodeToString(secret))));
        byte[] url = text(withoutPadding(Base64.getUrlEncoder().encodeToString(secret)));
        needles.add(name + " base64url", url);
        if (secret.length == AesSchedule.KEY_BYTES) {
            addSchedule(needles, name, secret);
        }
    }

    private static void addSchedule(Needles.Builder needles, String name, byte[] key) {
        byte[] schedule = AesSchedule.expand(key);
        needles.add(name + " swapped", swapped(key));
        for (int from = 32; from + 32 <= schedule.length; from += 64) {
            byte[] roundKeys = Arrays.copyOfRange(schedule, from, from + 32);
            needles.add(name + " round keys " + from / 16, roundKeys);
            needles.add(name + " round keys, swapped " + from / 16, swapped(roundKeys));
        }
    }

    private static byte[] swapped(byte[] words) {
        ByteBuffer big = ByteBuffer.wrap(words);
        ByteBuffer little = ByteBuffer.allocate(words.length).order(ByteOrder.LITTLE_ENDIAN);
        while (big.hasRemaining()) {
            little.putInt(big.getInt());
        }
        return little.array();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String withoutPadding(String base64) {
        return base64.replace("=", "");
    }
}
