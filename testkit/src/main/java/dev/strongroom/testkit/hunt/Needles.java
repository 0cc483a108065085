package dev.strongroom.testkit.hunt;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * The byte strings to look for, each with a name, XORed with a random mask from the moment they are
 * added: a file of needles, or the memory of a process that holds them, is never a hit itself.
 *
 * <p>Immutable and safe for several threads.
 */
public final class Needles {
    /** Shorter strings turn up by chance or name too little. */
    public static final int SHORTEST = 16;

    /** The longest we look for is an AES-256 key schedule of 240 bytes. */
    public static final int LONGEST = 256;

    private static final int MAGIC = 0x53524e31; // "SRN1"

    private final byte[] mask;
    private final List<String> names;
    private final byte[][] masked;

    private Needles(byte[] mask, List<String> names, byte[][] masked) {
        this.mask = mask;
        this.names = names;
        this.masked = masked;
    }

    /** Starts an empty set with a mask of its own. */
    public static Builder builder(SecureRandom random) {
        byte[] mask = new byte[LONGEST];
        random.nextBytes(mask);
        return new Builder(mask);
    }

    /** How many there are; needles are numbered from 0 to one less. */
    public int count() {
        return names.size();
    }

    /** What the caller called needle {@code index}. */
    public String name(int index) {
        return names.get(index);
    }

    int longest() {
        return Arrays.stream(masked).mapToInt(bytes -> bytes.length).max().orElse(SHORTEST);
    }

    int length(int index) {
        return masked[index].length;
    }

    /** The mask over the first eight bytes, as a little-endian number. */
    long maskWord() {
        return word(mask);
    }

    /** The first eight bytes of a needle, masked, as a little-endian number. */
    long maskedWord(int index) {
        return word(masked[index]);
    }

    private static long word(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    }

    boolean matches(int index, byte[] buffer, int position) {
        byte[] needle = masked[index];
        for (int i = 0; i < needle.length; i++) {
            if ((byte) (buffer[position + i] ^ mask[i]) != needle[i]) {
                return false;
            }
        }
        return true;
    }

    /** The same needles without those whose number {@code kept} does not have. */
    Needles only(BitSet kept) {
        return new Needles(
                mask,
                kept.stream().mapToObj(names::get).toList(),
                kept.stream().mapToObj(index -> masked[index]).toArray(byte[][]::new));
    }

    /** Writes the masked needles to a new file that only this user can read. */
    public void save(Path file) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeInt(MAGIC);
            out.write(mask);
            out.writeInt(count());
            for (int i = 0; i < count(); i++) {
                out.writeUTF(names.get(i));
                out.writeShort(masked[i].length);
                out.write(masked[i]);
            }
        }
        Files.deleteIfExists(file);
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(file, bytes.toByteArray());
    }

    /** Reads what {@link #save} wrote. */
    public static Needles load(Path file) throws IOException {
        try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            if (in.readInt() != MAGIC) {
                throw new IOException(file + ": not a file of needles");
            }
            byte[] mask = in.readNBytes(LONGEST);
            int count = in.readInt();
            List<String> names = new ArrayList<>();
            byte[][] masked = new byte[count][];
            for (int i = 0; i < count; i++) {
                names.add(in.readUTF());
                masked[i] = in.readNBytes(in.readUnsignedShort());
            }
            return new Needles(mask, List.copyOf(names), masked);
        }
    }

    @Override
    public String toString() {
        return "Needles[" + count() + "]";
    }

    /** Collects needles; not safe for several threads. */
    public static final class Builder {
        private final byte[] mask;
        private final List<String> names = new ArrayList<>();
        private final List<byte[]> masked = new ArrayList<>();

        private Builder(byte[] mask) {
            this.mask = mask;
        }

        /**
         * Adds a needle, masked at once; the caller may overwrite {@code bytes} afterwards.
         *
         * @throws IllegalArgumentException if it is shorter than {@link #SHORTEST}, longer than
         *     {@link #LONGEST}, or starts with eight zero bytes, which nearly all memory does
         */
        public Builder add(String name, byte[] bytes) {
            if (bytes.length < SHORTEST || bytes.length > LONGEST) {
                throw new IllegalArgumentException(
                        name + ": a needle has 16 to 256 bytes, not " + bytes.length);
            }
            if (word(bytes) == 0) {
                throw new IllegalArgumentException(name + ": a needle cannot start with zeros");
            }
            byte[] copy = new byte[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                copy[i] = (byte) (bytes[i] ^ mask[i]);
            }
            names.add(name);
            masked.add(copy);
            return this;
        }

        public Needles build() {
            return new Needles(mask, List.copyOf(names), masked.toArray(byte[][]::new));
        }
    }
}
