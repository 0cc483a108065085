package dev.strongroom.crypto.open;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.keys.Derivation;
import dev.strongroom.crypto.seal.ContentKeys;
import dev.strongroom.crypto.seal.Sealer;
import dev.strongroom.crypto.seal.VersionSecrets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a dump of the Java heap, garbage included, shows of a file that was sealed and opened. */
class OpenerHeapTest {
    private static final byte[] IDENTITY = "identity".getBytes(StandardCharsets.UTF_8);
    private static final long BYTES = 6_000_000;
    private static final int WINDOW_BYTES = 32;

    @TempDir private Path folder;

    @Test
    void holdsNothingOfThePlaintext() throws Exception {
        try (var arena = Arena.ofShared()) {
            MemorySegment opened = openedAgain(arena);
            MemorySegment first = dump("first.hprof", arena);
            assertThat(holds(first, opened, 0)).isFalse();
            assertThat(holds(first, opened, BYTES / 2)).isFalse();
            assertThat(holds(first, opened, BYTES - WINDOW_BYTES)).isFalse();

            byte[] planted = opened.asSlice(BYTES / 2, WINDOW_BYTES).toArray(ValueLayout.JAVA_BYTE);
            assertThat(holds(dump("second.hprof", arena), opened, BYTES / 2))
                    .as("the search finds what is there")
                    .isTrue();
            assertThat(planted).hasSize(WINDOW_BYTES);
        }
    }

    /** Plaintext that only native memory and a file ever had, sealed and opened. */
    private MemorySegment openedAgain(Arena arena) throws Exception {
        Path plain = folder.resolve("plain");
        Path sealed = folder.resolve("sealed");
        try (var file =
                FileChannel.open(
                        plain,
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            fill(file.map(FileChannel.MapMode.READ_WRITE, 0, BYTES, arena));
        }
        try (var secrets = VersionSecrets.generate(new SecureRandom())) {
            try (var in = FileChannel.open(plain);
                    var out =
                            FileChannel.open(
                                    sealed,
                                    StandardOpenOption.CREATE_NEW,
                                    StandardOpenOption.WRITE)) {
                new Sealer(new SecureRandom()).seal(in, out, secrets, IDENTITY);
            }
            byte[] ikm = ContentKeys.of(secrets);
            MemorySegment opened = arena.allocate(BYTES);
            try (var key = new ContentKey(ikm, Derivation.digestRoot(ikm));
                    var file = FileChannel.open(sealed)) {
                var ciphertext = file.map(FileChannel.MapMode.READ_ONLY, 0, file.size(), arena);
                Opener.open(ciphertext, BYTES, IDENTITY, key, opened, 2);
            }
            return opened;
        }
    }

    private static void fill(MemorySegment memory) {
        for (long at = 0; at < BYTES; at++) {
            long x = (at + 1) * 0x9E3779B97F4A7C15L;
            memory.set(ValueLayout.JAVA_BYTE, at, (byte) ((x ^ (x >>> 29)) >>> 17));
        }
    }

    private MemorySegment dump(String name, Arena arena) throws Exception {
        Path file = folder.resolve(name);
        Process jcmd =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                                Long.toString(ProcessHandle.current().pid()),
                                "GC.heap_dump",
                                "-all",
                                file.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("jcmd.txt").toFile())
                        .start();
        assertThat(jcmd.waitFor()).isZero();
        try (var channel = FileChannel.open(file)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, Files.size(file), arena);
        }
    }

    /** Compares native memory with native memory: looking leaves nothing on the heap. */
    private static boolean holds(MemorySegment dump, MemorySegment plaintext, long at) {
        MemorySegment window = plaintext.asSlice(at, WINDOW_BYTES);
        long start = window.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
        long end = dump.byteSize() - WINDOW_BYTES;
        for (long i = 0; i <= end; i++) {
            if (dump.get(ValueLayout.JAVA_LONG_UNALIGNED, i) == start
                    && dump.asSlice(i, WINDOW_BYTES).mismatch(window) < 0) {
                return true;
            }
        }
        return false;
    }
}
