package dev.strongroom.testkit.hunt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Positive and negative controls of the hunt in files and heap dumps. */
class FileHuntTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final byte[] needle = randomBytes(48);
    private final Needles needles = Needles.builder(RANDOM).add("planted", needle).build();
    private final FileHunt hunt = new FileHunt(needles);

    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 4095, (4 << 20) - 47, (4 << 20) - 1, 9_999_999})
    void findsANeedleAtAnyOffset(long offset) throws IOException {
        write("log.txt", offset);

        assertThat(hunt.hunt(List.of(folder), Set.of()).copies()).containsExactly(1);
    }

    @Test
    void findsANeedleBehindATerabyteOfHoles() throws IOException {
        write("sparse", 1L << 40);

        HuntReport report = hunt.hunt(List.of(folder), Set.of());

        assertThat(report.copies()).containsExactly(1);
        assertThat(report.scannedBytes()).isLessThan(1 << 20);
    }

    @Test
    void findsNothingInNoiseInALongHoleAndInTheFileOfNeedles() throws IOException {
        Files.write(folder.resolve("noise"), randomBytes(10 << 20));
        try (FileChannel file = open("hole")) {
            file.write(ByteBuffer.allocate(1), 1L << 33);
        }
        needles.save(folder.resolve("needles"));

        assertThat(hunt.hunt(List.of(folder), Set.of()).hits()).isZero();
    }

    @Test
    void leavesOutWhatItIsToldAndNothingElse() throws IOException {
        Files.createDirectories(folder.resolve("owner"));
        write("owner/plain", 0);
        write("object", 7);

        HuntReport report = hunt.hunt(List.of(folder), Set.of(folder.resolve("owner")));

        assertThat(report.hitPlaces())
                .extracting(Finding::place)
                .containsExactly(folder.resolve("object").toString());
    }

    @Test
    void findsAKeyAndItsHexadecimalTextInAHeapDump() throws Exception {
        byte[] key = randomBytes(32);
        byte[] other = randomBytes(32);
        String text = HexFormat.of().formatHex(other);
        Needles.Builder shapes = Needles.builder(RANDOM);
        KeyNeedles.add(shapes, "key", key);
        KeyNeedles.add(shapes, "other", other);
        Path dump = folder.resolve("heap.hprof");

        dumpOwnHeap(dump);
        Needles wanted = shapes.build();
        HuntReport report = new FileHunt(wanted).hunt(List.of(dump), Set.of());

        assertThat(names(wanted, report)).contains("key raw", "other hex");
        assertThat(key).as("still in use, so that the dump had it").hasSize(32);
        assertThat(text).as("still in use, so that the dump had it").hasSize(64);
    }

    private static void dumpOwnHeap(Path dump) throws Exception {
        Process jcmd =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin/jcmd").toString(),
                                Long.toString(ProcessHandle.current().pid()),
                                "GC.heap_dump",
                                dump.toString())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(jcmd.waitFor()).isZero();
    }

    private static List<String> names(Needles wanted, HuntReport report) {
        return IntStream.range(0, wanted.count())
                .filter(needle -> report.copies().get(needle) > 0)
                .mapToObj(wanted::name)
                .toList();
    }

    private void write(String name, long offset) throws IOException {
        try (FileChannel file = open(name)) {
            file.write(ByteBuffer.wrap(needle), offset);
            file.write(ByteBuffer.allocate(100), offset + needle.length);
        }
    }

    private FileChannel open(String name) throws IOException {
        return FileChannel.open(
                folder.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    private static byte[] randomBytes(int count) {
        byte[] bytes = new byte[count];
        RANDOM.nextBytes(bytes);
        return bytes;
    }
}
