package dev.strongroom.testkit.hunt;

import java.util.Arrays;

/** The AES-256 key expansion of FIPS 197, section 5.2: what a cipher keeps in memory for a key. */
final class AesSchedule {
    static final int KEY_BYTES = 32;

    private static final int SCHEDULE_BYTES = 240; // 15 round keys
    private static final int[] SBOX = sbox();

    private AesSchedule() {}

    static byte[] expand(byte[] key) {
        byte[] schedule = Arrays.copyOf(key, SCHEDULE_BYTES);
        int roundConstant = 1;
        for (int at = KEY_BYTES; at < SCHEDULE_BYTES; at += 4) {
            byte[] word = Arrays.copyOfRange(schedule, at - 4, at);
            if (at % KEY_BYTES == 0) {
                word = substituted(new byte[] {word[1], word[2], word[3], word[0]});
                word[0] ^= (byte) roundConstant;
                roundConstant = timesX(roundConstant);
            } else if (at % KEY_BYTES == 16) {
                word = substituted(word);
            }
            for (int i = 0; i < 4; i++) {
                schedule[at + i] = (byte) (schedule[at - KEY_BYTES + i] ^ word[i]);
            }
        }
        return schedule;
    }

    private static byte[] substituted(byte[] word) {
        byte[] result = new byte[word.length];
        for (int i = 0; i < word.length; i++) {
            result[i] = (byte) SBOX[Byte.toUnsignedInt(word[i])];
        }
        return result;
    }

    private static int timesX(int value) {
        int doubled = value << 1;
        return (doubled & 0x100) == 0 ? doubled : doubled ^ 0x11b;
    }

    /** Walks the field by the generator 3 and its inverse side by side, as p * q = 1 throughout. */
    private static int[] sbox() {
        int[] box = new int[256];
        int p = 1;
        int q = 1;
        do {
            p ^= timesX(p);
            q ^= q << 1;
            q ^= q << 2;
            q ^= q << 4;
            q &= 0xff;
            q = (q & 0x80) == 0 ? q : q ^ 0x09;
            box[p] = 0x63 ^ q ^ rotated(q, 1) ^ rotated(q, 2) ^ rotated(q, 3) ^ rotated(q, 4);
        } while (p != 1);
        box[0] = 0x63;
        return box;
    }

    private static int rotated(int value, int bits) {
        return ((value << bits) | (value >>> (8 - bits))) & 0xff;
    }
}
