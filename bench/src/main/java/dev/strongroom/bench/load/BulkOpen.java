package dev.strongroom.bench.load;

import dev.strongroom.crypto.open.BareKey;
import dev.strongroom.crypto.open.Opener;
import dev.strongroom.enclave.libc.LibcException;
import dev.strongroom.enclave.load.VersionOnDisk;
import dev.strongroom.enclave.memory.ResidentMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;

/** Opens one sealed file again and again into the same protected memory. */
final class BulkOpen implements AutoCloseable {
    private static final long NANOS = 1_000_000_000;

    private final VersionOnDisk version;
    private final long bytes;
    private final ResidentMemory destination;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment ciphertext;

    /**
     * @param version of one file
     */
    BulkOpen(VersionOnDisk version) throws IOException, LibcException {
        this.version = version;
        this.bytes = version.plaintextBytes();
        this.destination = new ResidentMemory(bytes);
        try (var channel = FileChannel.open(version.files().getFirst())) {
            ciphertext = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            ciphertext.load();
        }
    }

    /** In GB/s of plaintext, over a second. */
    double gigabytesPerSecond(int threads) throws Exception {
        try (var key = BareKey.of(version.ikm())) {
            byte[] identity = version.manifest().fileIdentity(0);
            var into = destination.memory().asSlice(0, bytes);
            long start = System.nanoTime();
            long end = start;
            int times = 0;
            while (end - start < NANOS) {
                Opener.open(ciphertext, bytes, identity, key, into, threads);
                times++;
                end = System.nanoTime();
            }
            return (double) bytes * times / (end - start);
        }
    }

    @Override
    public void close() throws LibcException {
        arena.close();
        destination.close();
    }
}
