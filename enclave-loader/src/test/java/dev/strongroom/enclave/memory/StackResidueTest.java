package dev.strongroom.enclave.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Plaintext that a native call left on the stack is there before the wipe and gone after it. */
class StackResidueTest {
    private static final int FRAMES = 1500;
    private static final int ARRAY_BYTES = 64 << 10; // a panel of ONNX Runtime's multiplication
    private static final long SHALLOW = 16 << 10; // below the frames of the wipe itself
    private static final long DEEP = 128 << 10; // the deepest that ONNX Runtime was seen
    private static final long STACK_BYTES = 2 << 20;

    @RepeatedTest(50)
    void overwritesWhatANativeCallLeft() throws Exception {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "the wipe is for x86-64");
        long secret = new SecureRandom().nextLong();
        try (var thread = threadWithItsOwnStack()) {
            for (long gap : new long[] {SHALLOW, DEEP - ARRAY_BYTES}) {
                long array =
                        thread.submit(() -> NativeFrame.copyOntoTheStack(all(secret), gap)).get();
                assertThat(copies(array, secret))
                        .as("the control: what a native frame held is still there")
                        .isGreaterThan(ARRAY_BYTES / Long.BYTES * 9 / 10);

                thread.submit(StackResidue::wipe).get();
                assertThat(copies(array, secret)).isZero();
            }
        }
    }

    @Test
    void theThreadGoesOnAfterwards() {
        for (int i = 0; i < 20_000; i++) { // interpreted at first, compiled at the end
            StackResidue.wipe();
        }

        assertThat(deep(FRAMES)).isEqualTo(FRAMES);
    }

    private static ExecutorService threadWithItsOwnStack() {
        return Executors.newSingleThreadExecutor(
                task -> new Thread(null, task, "native-frames", STACK_BYTES));
    }

    private static int deep(int frames) {
        return frames == 0 ? 0 : deep(frames - 1) + 1;
    }

    private static byte[] all(long secret) {
        ByteBuffer content = ByteBuffer.allocate(ARRAY_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (content.hasRemaining()) {
            content.putLong(secret);
        }
        return content.array();
    }

    /** Words of the secret in the dead array, read by a thread that stands on another stack. */
    private static int copies(long array, long secret) {
        byte[] content = new byte[ARRAY_BYTES];
        try (var memory = new RandomAccessFile("/proc/self/mem", "r")) {
            memory.seek(array);
            memory.readFully(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ByteBuffer words = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        int copies = 0;
        while (words.hasRemaining()) {
            copies += words.getLong() == secret ? 1 : 0;
        }
        return copies;
    }
}
