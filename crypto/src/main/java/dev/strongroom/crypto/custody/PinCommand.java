package dev.strongroom.crypto.custody;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads a PIN from what a program prints, through a pipe of our own into native memory: Java's
 * process streams would buffer it in the heap.
 *
 * @param argv the program and its arguments; no shell is involved
 * @param patience how long it may take altogether
 */
record PinCommand(List<String> argv, Duration patience) implements PinSource {
    PinCommand {
        argv = List.copyOf(argv);
        if (argv.isEmpty() || !argv.getFirst().startsWith("/")) {
            throw new IllegalArgumentException("PIN command: expected a program's absolute path");
        }
    }

    @Override
    public MemorySegment read(Arena arena) throws CustodyException {
        long deadline = System.nanoTime() + patience.toNanos();
        try (var pipe = NativePipe.open()) {
            Process program = start(pipe);
            try {
                return read(arena, pipe, program, deadline);
            } finally {
                program.destroyForcibly(); // without effect on one that has ended
            }
        } catch (IOException e) {
            throw notUsable("cannot be run; check the program's path and mode", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw notUsable("interrupted while it ran", e);
        }
    }

    private Process start(NativePipe pipe) throws IOException {
        Process program =
                new ProcessBuilder(argv)
                        .redirectInput(new File("/dev/null"))
                        .redirectOutput(pipe.inlet())
                        .redirectError(Redirect.DISCARD) // might repeat what is to be secret
                        .start();
        pipe.closeInlet();
        return program;
    }

    private MemorySegment read(Arena arena, NativePipe pipe, Process program, long deadline)
            throws IOException, InterruptedException, CustodyException {
        MemorySegment buffer = arena.allocate(PinBytes.BUFFER);
        boolean usable = false;
        try {
            int read = pipe.readAll(buffer, deadline);
            if (read == PinBytes.BUFFER) {
                throw notUsable("printed more than " + PinBytes.MAX + " bytes", null);
            }
            if (!program.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                throw notUsable("did not end within " + patience.toSeconds() + " s", null);
            }
            if (program.exitValue() != 0) {
                throw notUsable("ended with exit code " + program.exitValue(), null);
            }
            MemorySegment pin = PinBytes.of(buffer, read, source());
            usable = true;
            return pin;
        } finally {
            if (!usable) {
                buffer.fill((byte) 0);
            }
        }
    }

    private String source() {
        return "PIN command " + argv.getFirst();
    }

    private CustodyException notUsable(String what, @Nullable Throwable cause) {
        return PinBytes.notUsable(source(), what, cause);
    }

    /** Arguments may say where a secret is; a log has no use for them. */
    @Override
    public String toString() {
        return "PinCommand[" + argv.getFirst() + "]";
    }
}
