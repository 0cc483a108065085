package dev.strongroom.vault.store;

import org.jspecify.annotations.Nullable;

/** Tells a full disk from other failures, which neither the JDK nor SQLite does by type. */
public final class DiskFull {
    private static final int MAX_CAUSES = 16; // longest chain seen: 5

    private DiskFull() {}

    /** True when the error, or one it was caused by, is the system's or SQLite's disk-full. */
    public static boolean isCauseOf(Throwable error) {
        @Nullable Throwable current = error;
        for (int depth = 0; current != null && depth < MAX_CAUSES; depth++) {
            String message = current.getMessage();
            if (message != null && saysFull(message)) {
                return true;
            }
            current = current.getCause();
        }
        return false;
    }

    private static boolean saysFull(String message) {
        return message.contains("No space left on device") // ENOSPC
                || message.contains("Disk quota exceeded") // EDQUOT
                || message.contains("File too large") // EFBIG: RLIMIT_FSIZE
                || message.contains("SQLITE_FULL");
    }
}
