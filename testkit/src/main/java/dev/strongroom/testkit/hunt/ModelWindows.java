package dev.strongroom.testkit.hunt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Chooses needles from a model: windows of its initialisers, spread evenly, that cannot be there by
 * chance.
 */
public final class ModelWindows {
    /** Bytes of a window. */
    public static final int WINDOW = 48;

    /** Smaller initialisers stay in the graph, which is no secret segment. */
    public static final long SMALLEST_INITIALISER = 1024;

    private static final int DISTINCT_BYTES = 16;

    /**
     * One initialiser's place in a file.
     *
     * @param name the initialiser's
     * @param file where its bytes are
     * @param offset of the first, in bytes
     * @param length in bytes
     */
    public record Region(String name, Path file, long offset, long length) {}

    private ModelWindows() {}

    /**
     * About {@code atMost} windows, at least one from every region that has a usable one.
     *
     * @param regions initialisers; those below {@link #SMALLEST_INITIALISER} are passed over
     * @param model every file of the model: a window must occur exactly once in all of them
     * @throws IOException if a file cannot be read, or a region reaches beyond its file
     */
    public static Needles choose(
            Collection<Region> regions, Set<Path> model, int atMost, SecureRandom random)
            throws IOException {
        List<Region> eligible =
                regions.stream().filter(region -> region.length() >= SMALLEST_INITIALISER).toList();
        long total = eligible.stream().mapToLong(Region::length).sum();
        long stride = Math.max(WINDOW, total / Math.max(1, atMost));
        Needles.Builder builder = Needles.builder(random);
        for (Region region : eligible) {
            try (FileChannel channel = FileChannel.open(region.file(), StandardOpenOption.READ)) {
                addWindows(region, channel, stride, builder);
            }
        }
        return uniqueIn(model, builder.build());
    }

    private static void addWindows(
            Region region, FileChannel channel, long stride, Needles.Builder builder)
            throws IOException {
        for (long at = 0; at + WINDOW <= region.length(); at += stride) {
            byte[] window = new byte[WINDOW];
            ByteBuffer target = ByteBuffer.wrap(window);
            while (target.hasRemaining()) {
                if (channel.read(target, region.offset() + at + target.position()) < 0) {
                    throw new IOException(
                            region.file() + ": ends within initialiser " + region.name());
                }
            }
            if (usable(window)) {
                builder.add(region.name() + "+" + at, window);
            }
        }
    }

    private static boolean usable(byte[] window) {
        BitSet seen = new BitSet(256);
        boolean startsWithZeros = true;
        for (int i = 0; i < window.length; i++) {
            seen.set(Byte.toUnsignedInt(window[i]));
            startsWithZeros &= i >= 8 || window[i] == 0;
        }
        return seen.cardinality() >= DISTINCT_BYTES && !startsWithZeros;
    }

    private static Needles uniqueIn(Set<Path> model, Needles candidates) throws IOException {
        HuntReport report = new FileHunt(candidates).hunt(new ArrayList<>(model), Set.of());
        BitSet unique = new BitSet();
        for (int needle = 0; needle < candidates.count(); needle++) {
            unique.set(needle, report.copies().get(needle) == 1);
        }
        return candidates.only(unique);
    }
}
