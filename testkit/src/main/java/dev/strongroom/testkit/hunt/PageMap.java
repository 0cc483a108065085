package dev.strongroom.testkit.hunt;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Which pages of a process hold anything (proc_pid_pagemap(5)), so that reserved address space,
 * terabytes in some runtimes, is neither read nor brought to life.
 */
final class PageMap implements Closeable {
    static final int PAGE = 4096;

    private static final int ENTRY_BYTES = 8;
    private static final long PRESENT_OR_SWAPPED = 0xC000000000000000L; // bits 63 and 62
    private static final int ENTRIES_AT_ONCE = 1 << 16;

    /** Told about each run of pages that hold something. */
    interface Run {
        void at(long start, long end) throws IOException;
    }

    private final FileChannel channel;
    private final ByteBuffer entries =
            ByteBuffer.allocateDirect(ENTRIES_AT_ONCE * ENTRY_BYTES).order(ByteOrder.nativeOrder());

    PageMap(long pid) throws IOException {
        channel = FileChannel.open(Path.of("/proc/" + pid + "/pagemap"), StandardOpenOption.READ);
    }

    void runs(long start, long end, Run run) throws IOException {
        long runStart = -1;
        long at = start;
        while (at < end) {
            int wanted = (int) Math.min(ENTRIES_AT_ONCE, (end - at) / PAGE);
            entries.clear().limit(wanted * ENTRY_BYTES);
            int got = channel.read(entries, at / PAGE * ENTRY_BYTES);
            if (got <= 0) {
                break; // the mapping went away
            }
            for (int i = 0; i < got / ENTRY_BYTES; i++, at += PAGE) {
                boolean holds = (entries.getLong(i * ENTRY_BYTES) & PRESENT_OR_SWAPPED) != 0;
                if (holds && runStart < 0) {
                    runStart = at;
                } else if (!holds && runStart >= 0) {
                    run.at(runStart, at);
                    runStart = -1;
                }
            }
        }
        if (runStart >= 0) {
            run.at(runStart, at);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
