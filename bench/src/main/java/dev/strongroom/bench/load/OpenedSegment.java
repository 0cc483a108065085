package dev.strongroom.bench.load;

import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.SegmentGeometry;
import dev.strongroom.crypto.open.BareKey;
import dev.strongroom.crypto.open.ContentKey;
import dev.strongroom.crypto.open.Opener;
import dev.strongroom.enclave.load.VersionOnDisk;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What opening one file of one segment takes on one thread: file key, header, decryption and tag,
 * from native memory into native memory.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@Threads(1)
@State(Scope.Benchmark)
public class OpenedSegment {
    private static final int SMALL_BYTES = 1024;

    private final Arena arena = Arena.ofShared();
    private final OneFile small;
    private final OneFile segment;

    /** A sealed file in memory, its key, and room for what is in it. */
    private record OneFile(
            MemorySegment sealed, byte[] identity, ContentKey key, MemorySegment plain) {
        MemorySegment open() throws SealedFormatException {
            Opener.open(sealed, plain.byteSize(), identity, key, plain, 1);
            return plain;
        }
    }

    public OpenedSegment() {
        small = sealed(SMALL_BYTES);
        segment = sealed(SegmentGeometry.FIRST_PLAINTEXT_SEGMENT_BYTES);
    }

    /** JMH's own subclasses let no checked exception out of a constructor. */
    private OneFile sealed(int bytes) {
        try {
            Path folder = Files.createTempDirectory("opened-segment");
            try {
                return seal(folder, bytes);
            } finally {
                delete(folder);
            }
        } catch (Exception e) {
            throw new IllegalStateException(
                    "a file of %d bytes was not sealed".formatted(bytes), e);
        }
    }

    private OneFile seal(Path folder, int bytes) throws Exception {
        byte[] content = new byte[bytes];
        new Random(1).nextBytes(content);
        Path plain = Files.write(folder.resolve("plain.onnx"), content);
        VersionOnDisk version = Sealing.seal(List.of(plain), folder.resolve("sealed"));
        byte[] file = Files.readAllBytes(version.files().getFirst());
        return new OneFile(
                arena.allocate(file.length).copyFrom(MemorySegment.ofArray(file)),
                version.manifest().fileIdentity(0),
                BareKey.of(version.ikm()),
                arena.allocate(bytes));
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList().reversed()) {
                Files.delete(file);
            }
        }
    }

    /** A file of a kibibyte: what is not decryption. */
    @Benchmark
    public MemorySegment small() throws SealedFormatException {
        return small.open();
    }

    /** A whole segment. */
    @Benchmark
    public MemorySegment segment() throws SealedFormatException {
        return segment.open();
    }

    @TearDown
    public void close() {
        small.key().close();
        segment.key().close();
        arena.close();
    }
}
