package dev.strongroom.serving.engine;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Looks through all readable memory of this process, but for its own reading buffer. */
final class OwnMemory implements AutoCloseable {
    private static final int CHUNK_BYTES = 4 << 20;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(CHUNK_BYTES, 4096);
    private final FileChannel memory;

    private record Range(long from, long to) {}

    OwnMemory() throws IOException {
        memory = FileChannel.open(Path.of("/proc/self/mem"), StandardOpenOption.READ);
    }

    /** Addresses of the needle, a run of floats, which is given complemented. */
    List<Long> find(byte[] masked) throws IOException {
        return find(List.of(masked));
    }

    /** The same for many at once, whose first two floats tell them apart. */
    List<Long> find(List<byte[]> masked) throws IOException {
        var needles = new MaskedNeedles(masked);
        List<Long> found = new ArrayList<>();
        for (Range range : resident()) {
            for (long at = range.from(); at < range.to(); at += CHUNK_BYTES - 64) {
                int length = (int) Math.min(CHUNK_BYTES, range.to() - at);
                int read = read(at, length);
                search(needles, at, read, found);
            }
        }
        buffer.fill((byte) 0);
        return found.stream().distinct().filter(address -> !isOurs(address)).toList();
    }

    @Override
    public void close() throws IOException {
        memory.close();
        arena.close();
    }

    private int read(long address, int length) {
        var into = buffer.asSlice(0, length).asByteBuffer();
        try {
            while (into.hasRemaining()) {
                if (memory.read(into, address + into.position()) < 0) {
                    break;
                }
            }
        } catch (IOException gone) {
            // Unmapped since the list was read, or not readable at all: nothing is there.
        }
        return into.position();
    }

    private void search(MaskedNeedles needles, long base, int length, List<Long> found) {
        for (int at = 0; at <= length - needles.bytes(); at += Float.BYTES) {
            if (needles.isAt(buffer, at)) {
                found.add(base + at);
            }
        }
    }

    private boolean isOurs(long address) {
        return address >= buffer.address() && address < buffer.address() + CHUNK_BYTES;
    }

    /** Mappings with pages in memory. */
    private static List<Range> resident() throws IOException {
        List<Range> ranges = new ArrayList<>();
        Range last = new Range(0, 0);
        for (String line :
                Files.readAllLines(Path.of("/proc/self/smaps"), StandardCharsets.ISO_8859_1)) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ r.*")) {
                String[] range = line.substring(0, line.indexOf(' ')).split("-", -1);
                last =
                        new Range(
                                Long.parseUnsignedLong(range[0], 16),
                                Long.parseUnsignedLong(range[1], 16));
            } else if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                last = new Range(0, 0);
            } else if (line.startsWith("Rss:") && !line.matches("Rss: +0 kB") && last.to() > 0) {
                ranges.add(last);
            }
        }
        return ranges;
    }
}
