package dev.strongroom.enclave.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

class StackResidueTest {
    private static final int FRAMES = 1500;
    private static final long LARGEST_STACK_BYTES = 16 << 20;

    @Test
    void overwritesWhatDeepCallsLeft() throws IOException {
        long secret = new SecureRandom().nextLong();

        long result = deep(FRAMES, secret);
        int before = copiesOnStacks(secret);
        StackResidue.wipe();
        int after = copiesOnStacks(secret);

        assertThat(result).isNotEqualTo(secret);
        assertThat(before)
                .as("the control: frames that returned are still there")
                .isGreaterThan(FRAMES / 2);
        assertThat(after).as("what is left is in frames in use").isLessThan(50);
    }

    @Test
    void theThreadGoesOnAfterwards() {
        for (int i = 0; i < 20_000; i++) { // interpreted at first, compiled at the end
            StackResidue.wipe();
        }

        assertThat(deep(FRAMES, 1)).isEqualTo(FRAMES + 1);
    }

    /** Needs the secret after the call, so that a compiled frame keeps it as well. */
    private static long deep(int frames, long secret) {
        return frames == 0 ? secret : deep(frames - 1, secret) + Long.signum(secret);
    }

    private static int copiesOnStacks(long secret) throws IOException {
        int copies = 0;
        try (var memory = new RandomAccessFile("/proc/self/mem", "r")) {
            for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
                String[] fields = line.split(" +", 6);
                String[] range = fields[0].split("-", -1);
                long start = Long.parseUnsignedLong(range[0], 16);
                long bytes = Long.parseUnsignedLong(range[1], 16) - start;
                boolean anonymous = fields[4].equals("0");
                if (fields[1].equals("rw-p") && anonymous && bytes < LARGEST_STACK_BYTES) {
                    copies += copies(memory, start, (int) bytes, secret);
                }
            }
        }
        return copies;
    }

    private static int copies(RandomAccessFile memory, long start, int bytes, long secret)
            throws IOException {
        byte[] content = new byte[bytes];
        memory.seek(start);
        memory.readFully(content);
        ByteBuffer words = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        int copies = 0;
        while (words.remaining() >= Long.BYTES) {
            copies += words.getLong() == secret ? 1 : 0;
        }
        return copies;
    }
}
