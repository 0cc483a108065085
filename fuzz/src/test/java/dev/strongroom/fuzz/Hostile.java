package dev.strongroom.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * Hands hostile bytes to a reader and holds it to what every reader of ours promises: it gives a
 * value or throws its own exception, within bounds of time and memory, and the exception says why.
 */
public final class Hostile {
    private Hostile() {}

    /** What reads bytes. */
    @FunctionalInterface
    public interface Reader<T> {
        T read(byte[] input) throws Exception;
    }

    /**
     * Reads.
     *
     * @param refusal the one exception that may come out
     * @return what was read; empty when it was refused
     */
    public static <T> Optional<T> read(
            byte[] input, Class<? extends Exception> refusal, Reader<T> reader) throws Exception {
        Cost cost = Cost.now();
        Optional<T> value = readOrRefuse(input, refusal, reader);
        if (Cost.now().since(cost).isTooMuch()) {
            // Perhaps the first reading loaded and instrumented classes: a second one does not.
            cost = Cost.now();
            value = readOrRefuse(input, refusal, reader);
            assertThat(Cost.now().since(cost)).matches(again -> !again.isTooMuch(), "bounded");
        }
        return value;
    }

    /** What this thread has used so far. */
    private record Cost(long allocatedBytes, long cpuNanos) {
        private static final long MAX_ALLOCATED_BYTES = 16 << 20; // inputs are 4 KiB
        private static final long MAX_CPU_NANOS = Duration.ofSeconds(2).toNanos();
        private static final ThreadMXBean THREADS =
                (ThreadMXBean) ManagementFactory.getThreadMXBean();

        static Cost now() {
            return new Cost(
                    THREADS.getCurrentThreadAllocatedBytes(), THREADS.getCurrentThreadCpuTime());
        }

        Cost since(Cost earlier) {
            return new Cost(allocatedBytes - earlier.allocatedBytes, cpuNanos - earlier.cpuNanos);
        }

        boolean isTooMuch() {
            return allocatedBytes > MAX_ALLOCATED_BYTES || cpuNanos > MAX_CPU_NANOS;
        }
    }

    /** Reads what has one encoding only: what is read writes the same bytes again. */
    public static <T> void reread(
            byte[] input,
            Class<? extends Exception> refusal,
            Reader<T> reader,
            Function<T, byte[]> writer)
            throws Exception {
        Optional<T> value = read(input, refusal, reader);
        if (value.isPresent()) {
            assertThat(writer.apply(value.get())).as("second encoding").isEqualTo(input);
        }
    }

    private static <T> Optional<T> readOrRefuse(
            byte[] input, Class<? extends Exception> refusal, Reader<T> reader) throws Exception {
        try {
            return Optional.of(reader.read(input));
        } catch (Exception e) {
            if (!refusal.isInstance(e)) {
                throw e;
            }
            assertThat(e.getMessage()).as("what the refusal says").isNotBlank();
            return Optional.empty();
        }
    }
}
