package dev.strongroom.crypto.open;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** Finds byte strings in every readable mapping of another process. */
final class ProcessMemory {
    private static final int CHUNK = 4 << 20;
    private static final int OVERLAP = 256;

    private final long pid;

    ProcessMemory(long pid) {
        this.pid = pid;
    }

    /** Hits by needle name, each with the mapping's name and address. */
    Map<String, Map<String, Integer>> find(Map<String, byte[]> needles) throws IOException {
        var byStart = new LinkedHashMap<Integer, Map<String, byte[]>>();
        needles.forEach((name, bytes) ->
                byStart.computeIfAbsent(start(bytes, 0), k -> new LinkedHashMap<>())
                        .put(name, bytes));
        boolean[] starts = new boolean[1 << 16];
        byStart.keySet().forEach(start -> starts[start] = true);

        var hits = new TreeMap<String, Map<String, Integer>>();
        try (var memory = new RandomAccessFile("/proc/" + pid + "/mem", "r")) {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/maps"))) {
                String[] fields = line.split("\\s+", 6);
                if (!fields[1].startsWith("r") || line.contains("[v")) {
                    continue;
                }
                int dash = fields[0].indexOf('-');
                long from = HexFormat.fromHexDigitsToLong(fields[0], 0, dash);
                long to = HexFormat.fromHexDigitsToLong(fields[0], dash + 1, fields[0].length());
                String where = where(from, fields.length > 5 ? fields[5] : "");
                scan(memory, from, to, starts, byStart, where, hits);
            }
        }
        return hits;
    }

    private static String where(long from, String name) {
        if (!name.isEmpty()) {
            return name;
        }
        return from < 1L << 32 ? "java heap" : "anonymous";
    }

    private static void scan(
            RandomAccessFile memory,
            long from,
            long to,
            boolean[] starts,
            Map<Integer, Map<String, byte[]>> byStart,
            String where,
            Map<String, Map<String, Integer>> hits) {
        byte[] chunk = new byte[CHUNK + OVERLAP];
        for (long at = from; at < to; at += CHUNK) {
            int length = (int) Math.min(chunk.length, to - at);
            try {
                memory.seek(at);
                memory.readFully(chunk, 0, length);
            } catch (IOException e) {
                continue; // not resident, or a guard page
            }
            int end = (int) Math.min(CHUNK, to - at);
            for (int i = 0; i < end - 1; i++) {
                int start = start(chunk, i);
                if (starts[start]) {
                    match(chunk, i, length, byStart.getOrDefault(start, Map.of()), where, hits);
                }
            }
        }
    }

    private static void match(
            byte[] chunk,
            int at,
            int length,
            Map<String, byte[]> candidates,
            String where,
            Map<String, Map<String, Integer>> hits) {
        candidates.forEach((name, needle) -> {
            if (at + needle.length <= length
                    && Arrays.equals(chunk, at, at + needle.length, needle, 0, needle.length)) {
                hits.computeIfAbsent(name, k -> new TreeMap<>()).merge(where, 1, Integer::sum);
            }
        });
    }

    private static int start(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
    }
}
