package dev.strongroom.enclave.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.enclave.posture.Fits;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretSegmentTest {
    private static final long BYTES = 3L * 1024 * 1024 + 17;

    @Test
    void isLockedAndLeftOutOfDumpsAndForks() throws Exception {
        try (var secret = SecretSegment.allocate(BYTES, Protection.LOCKED, Fits.forTests())) {
            assertThat(kernelFlags(secret.view(0, 1).address()))
                    .contains("lo", "dd", "wf", "dc")
                    .contains("rd", "wr")
                    .doesNotContain("sh", "ex");
        }
    }

    @Test
    void staysProtectedWhenThePagesAreWritten() throws Exception {
        try (var secret = SecretSegment.allocate(BYTES, Protection.LOCKED, Fits.forTests())) {
            secret.fill(0, BYTES).fill((byte) 7);
            assertThat(kernelFlags(secret.view(BYTES - 1, 1).address())).contains("lo", "dd", "wf");
            assertThat(secret.view(BYTES - 1, 1).get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 7);
        }
    }

    @Test
    void secretMemoryCannotBeReadThroughTheKernel() throws Exception {
        try (var secret = SecretSegment.allocate(BYTES, Protection.SECRET, Fits.forTests());
                var self = new RandomAccessFile("/proc/self/mem", "r")) {
            secret.fill(0, BYTES).fill((byte) 0x5a);
            assertThat(secret.view(BYTES - 1, 1).get(ValueLayout.JAVA_BYTE, 0))
                    .isEqualTo((byte) 0x5a);
            long address = secret.view(0, 1).address();
            assertThat(kernelFlags(address)).contains("lo", "dd", "dc");
            self.seek(address);
            assertThatThrownBy(self::read).isInstanceOf(IOException.class);
            assertThat(secret.wipe()).isGreaterThanOrEqualTo(BYTES);
        }
    }

    @Test
    void leavesZerosInPagesThatStayProtected() throws Exception {
        var region = ProtectedRegion.reserve(BYTES, Protection.LOCKED);
        region.memory().fill((byte) 0x5a);
        long address = region.memory().address();
        region.close();
        try (var self = new RandomAccessFile("/proc/self/mem", "r")) {
            var bytes = new byte[(int) BYTES];
            self.seek(address);
            self.readFully(bytes);
            assertThat(bytes).containsOnly(0);
        }
        assertThat(kernelFlags(address)).contains("lo", "dd", "wf", "dc");
    }

    @ParameterizedTest
    @EnumSource
    void pagesThatComeAgainAreZero(Protection protection) throws Exception {
        SparePages.of(protection).giveBack();
        for (Consumer<SecretSegment> end :
                List.<Consumer<SecretSegment>>of(SecretSegment::close, SecretSegment::wipe)) {
            var secret = SecretSegment.allocate(BYTES, protection, Fits.forTests());
            secret.fill(0, BYTES).fill((byte) 0x5a);
            long address = secret.view(0, 1).address();
            end.accept(secret);
            requireZeroAgain(address, protection);
        }
    }

    @ParameterizedTest
    @EnumSource
    void pagesOfAHeapThatWasClosedWithBlocksInUseComeAgainAsZeros(Protection protection)
            throws Exception {
        SparePages.of(protection).giveBack();
        var heap = new LockedHeap(64 << 20, protection, Fits.forTests());
        long address = heap.allocate(BYTES).orElseThrow();
        memory(address).fill((byte) 0x5a);
        heap.close();
        requireZeroAgain(address, protection);
    }

    /** The memory at an address is taken again, by somebody who finds nothing there. */
    private static void requireZeroAgain(long address, Protection protection) throws Exception {
        try (var next = SecretSegment.allocate(BYTES, protection, Fits.forTests())) {
            MemorySegment pages = next.view(0, BYTES);
            assertThat(pages.address()).isEqualTo(address);
            assertThat(pages.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
        }
    }

    // The address is one that a heap gave.
    @SuppressWarnings("restricted")
    private static MemorySegment memory(long address) {
        return MemorySegment.ofAddress(address).reinterpret(BYTES);
    }

    @Test
    void takesWhatAnotherLeftOrGivesItBack() throws Exception {
        SparePages.of(Protection.LOCKED).giveBack();
        var first = ProtectedRegion.reserve(BYTES, Protection.LOCKED);
        long address = first.memory().address();
        first.close();
        try (var same = ProtectedRegion.reserve(BYTES, Protection.LOCKED)) {
            assertThat(same.memory().address()).isEqualTo(address);
        }
        try (var larger = ProtectedRegion.reserve(2 * BYTES, Protection.LOCKED)) {
            long from = larger.memory().address();
            assertThat(mappings())
                    .noneMatch(mapping ->
                            mapping.covers(address)
                                    && !mapping.covers(from)
                                    && mapping.flags().contains("lo"));
        }
    }

    @Test
    void viewsAreReadOnlyBoundedAndDeadAfterClose() throws Exception {
        var secret = SecretSegment.allocate(100, Protection.LOCKED, Fits.forTests());
        MemorySegment view = secret.view(10, 20);
        assertThatThrownBy(() -> view.set(ValueLayout.JAVA_BYTE, 0, (byte) 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> secret.view(90, 11)).isInstanceOf(IndexOutOfBoundsException.class);
        secret.close();
        secret.close();
        assertThatThrownBy(() -> view.get(ValueLayout.JAVA_BYTE, 0))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void printsItsSizeOnly() throws Exception {
        try (var secret = SecretSegment.allocate(64, Protection.LOCKED, Fits.forTests())) {
            secret.fill(0, 64).fill((byte) 'x');
            assertThat(secret).hasToString("SecretSegment[64 bytes]");
        }
    }

    @Test
    void saysWhichCallFailedAndWhatToDo() {
        assertThatThrownBy(
                        () -> SecretSegment.allocate(1L << 46, Protection.LOCKED, Fits.forTests()))
                .isInstanceOf(MemoryProtectionException.class)
                .hasMessageContaining("available")
                .hasMessageContaining("larger");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1})
    void refusesToBeEmpty(long bytes) {
        assertThatThrownBy(() -> SecretSegment.allocate(bytes, Protection.LOCKED, Fits.forTests()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    static List<String> kernelFlags(long address) throws IOException {
        return mappings().stream()
                .filter(mapping -> mapping.covers(address))
                .findFirst()
                .orElseThrow()
                .flags();
    }

    private record Mapping(long from, long to, List<String> flags) {
        boolean covers(long address) {
            return address >= from && address < to;
        }
    }

    private static List<Mapping> mappings() throws IOException {
        List<Mapping> mappings = new ArrayList<>();
        long from = 0;
        long to = 0;
        for (String line :
                Files.readAllLines(Path.of("/proc/self/smaps"), StandardCharsets.ISO_8859_1)) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                String[] range = line.substring(0, line.indexOf(' ')).split("-", -1);
                from = Long.parseUnsignedLong(range[0], 16);
                to = Long.parseUnsignedLong(range[1], 16);
            } else if (line.startsWith("VmFlags:")) {
                mappings.add(
                        new Mapping(from, to, List.of(line.substring(8).strip().split(" ", -1))));
            }
        }
        return mappings;
    }
}
