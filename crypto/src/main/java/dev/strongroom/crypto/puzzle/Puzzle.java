package dev.strongroom.crypto.puzzle;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Work that a node asks for before it answers one question: a number is to be found whose Argon2id
 * hash (RFC 9106, version 0x13, one lane), salted by puzzle and question, is small. A solver needs
 * {@link #work} hashes on average, each with so much memory; who checks needs one.
 *
 * <pre>{@code
 * version 1 | memoryKib u32 | passes u32 | work u64 | expires u64 | nonce 16 | mac 32
 * }</pre>
 *
 * <p>Only the node reads the last three. As text it is Base64 for URLs. Immutable and thread-safe.
 */
public final class Puzzle {
    /** More would be an attack on whoever solves. */
    public static final int MOST_MEMORY_KIB = 64 * 1024;

    public static final int LEAST_MEMORY_KIB = 64;
    public static final int MOST_PASSES = 16;
    public static final int NONCE_BYTES = 16;
    public static final int MAC_BYTES = 32;

    private static final byte VERSION = 1;
    private static final int MEMORY_AT = 1;
    private static final int PASSES_AT = 5;
    private static final int WORK_AT = 9;
    private static final int EXPIRES_AT = 17;
    private static final int NONCE_AT = 25;
    private static final int MAC_AT = NONCE_AT + NONCE_BYTES;
    private static final int LENGTH = MAC_AT + MAC_BYTES;
    private static final int SALT_BYTES = 16;
    private static final byte[] DOMAIN = "strongroom/puzzle/v1".getBytes(StandardCharsets.US_ASCII);

    private final byte[] bytes;

    private Puzzle(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * A puzzle without its MAC; what is put in by {@link #with} authenticates {@link #body}.
     *
     * @param work hashes that a solution takes on average, 1 or more
     * @param expires by the node's own clock
     * @param nonce of {@value #NONCE_BYTES} bytes
     */
    public static Puzzle of(int memoryKib, int passes, long work, long expires, byte[] nonce) {
        var bytes = ByteBuffer.allocate(LENGTH);
        bytes.put(VERSION).putInt(memoryKib).putInt(passes).putLong(work).putLong(expires);
        bytes.put(nonce, 0, NONCE_BYTES);
        var puzzle = new Puzzle(bytes.array());
        if (!puzzle.isSound()) {
            throw new IllegalArgumentException("puzzle: out of bounds");
        }
        return puzzle;
    }

    /** Reads one. */
    public static Puzzle parse(String text) throws MalformedEncodingException {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new MalformedEncodingException("puzzle: expected Base64 for URLs");
        }
        var puzzle = new Puzzle(bytes);
        if (bytes.length != LENGTH || bytes[0] != VERSION || !puzzle.isSound()) {
            throw new MalformedEncodingException(
                    "puzzle: expected %d bytes of version 1 within its bounds".formatted(LENGTH));
        }
        return puzzle;
    }

    private boolean isSound() {
        return memoryKib() >= LEAST_MEMORY_KIB
                && memoryKib() <= MOST_MEMORY_KIB
                && passes() >= 1
                && passes() <= MOST_PASSES
                && work() >= 1;
    }

    /** The same with its MAC. */
    public Puzzle with(byte[] mac) {
        byte[] whole = bytes.clone();
        System.arraycopy(mac, 0, whole, MAC_AT, MAC_BYTES);
        return new Puzzle(whole);
    }

    /** What the MAC is over. */
    public byte[] body() {
        return Arrays.copyOf(bytes, MAC_AT);
    }

    public byte[] mac() {
        return Arrays.copyOfRange(bytes, MAC_AT, LENGTH);
    }

    public byte[] nonce() {
        return Arrays.copyOfRange(bytes, NONCE_AT, MAC_AT);
    }

    public int memoryKib() {
        return ByteBuffer.wrap(bytes).getInt(MEMORY_AT);
    }

    public int passes() {
        return ByteBuffer.wrap(bytes).getInt(PASSES_AT);
    }

    public long work() {
        return ByteBuffer.wrap(bytes).getLong(WORK_AT);
    }

    public long expires() {
        return ByteBuffer.wrap(bytes).getLong(EXPIRES_AT);
    }

    public String text() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /**
     * Whether a number solves it for a question. One hash: some milliseconds, {@link #memoryKib}.
     */
    public boolean solves(long number, Digest question) {
        return isSmall(hash(number, salt(question)));
    }

    /**
     * Tries numbers until one solves it.
     *
     * @param goOn asked before each; empty once it says no
     */
    public OptionalLong solve(Digest question, BooleanSupplier goOn) {
        byte[] salt = salt(question);
        for (long number = 0; goOn.getAsBoolean(); number++) {
            if (isSmall(hash(number, salt))) {
                return OptionalLong.of(number);
            }
        }
        return OptionalLong.empty();
    }

    private boolean isSmall(long hash) {
        return Long.compareUnsigned(hash, Long.divideUnsigned(-1L, work())) <= 0;
    }

    private byte[] salt(Digest question) {
        var sha256 = Digest.newSha256();
        sha256.update(DOMAIN);
        sha256.update(bytes);
        sha256.update(question.bytes());
        return Arrays.copyOf(sha256.digest(), SALT_BYTES);
    }

    private long hash(long number, byte[] salt) {
        var argon2 = new Argon2BytesGenerator();
        argon2.init(
                new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                        .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                        .withMemoryAsKB(memoryKib())
                        .withIterations(passes())
                        .withParallelism(1)
                        .withSalt(salt)
                        .build());
        var hash = new byte[Long.BYTES];
        argon2.generateBytes(ByteBuffer.allocate(Long.BYTES).putLong(number).array(), hash);
        return ByteBuffer.wrap(hash).getLong();
    }
}
