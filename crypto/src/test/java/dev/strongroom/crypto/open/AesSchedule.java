package dev.strongroom.crypto.open;

import java.util.Arrays;

/** The AES-256 key expansion (FIPS 197, 5.2): what a scanner looks for besides the key itself. */
final class AesSchedule {
    private static final int[] SBOX = sbox();

    private AesSchedule() {}

    /** 15 round keys of 16 bytes; the first two are the key. */
    static byte[] expand(byte[] key) {
        byte[] w = Arrays.copyOf(key, 240);
        int rcon = 1;
        for (int i = 32; i < 240; i += 4) {
            byte[] t = Arrays.copyOfRange(w, i - 4, i);
            if (i % 32 == 0) {
                byte first = t[0];
                t[0] = (byte) (SBOX[t[1] & 0xff] ^ rcon);
                t[1] = (byte) SBOX[t[2] & 0xff];
                t[2] = (byte) SBOX[t[3] & 0xff];
                t[3] = (byte) SBOX[first & 0xff];
                rcon <<= 1;
            } else if (i % 32 == 16) {
                for (int j = 0; j < 4; j++) {
                    t[j] = (byte) SBOX[t[j] & 0xff];
                }
            }
            for (int j = 0; j < 4; j++) {
                w[i + j] = (byte) (w[i + j - 32] ^ t[j]);
            }
        }
        return w;
    }

    /** The same 32-bit words in the other byte order, as an int array in memory has them. */
    static byte[] swapWords(byte[] bytes) {
        byte[] swapped = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            swapped[i] = bytes[i ^ 3];
        }
        return swapped;
    }

    private static int[] sbox() {
        int[] sbox = new int[256];
        int p = 1;
        int q = 1;
        do {
            p = (p ^ p << 1 ^ (p & 0x80) / 0x80 * 0x11b) & 0xff;
            q ^= q << 1;
            q ^= q << 2;
            q ^= q << 4;
            q &= 0xff;
            q ^= (q & 0x80) / 0x80 * 0x09;
            sbox[p] = (q ^ rot(q, 1) ^ rot(q, 2) ^ rot(q, 3) ^ rot(q, 4)) ^ 0x63;
        } while (p != 1);
        sbox[0] = 0x63;
        return sbox;
    }

    private static int rot(int value, int bits) {
        return ((value << bits) | (value >>> (8 - bits))) & 0xff;
    }
}
