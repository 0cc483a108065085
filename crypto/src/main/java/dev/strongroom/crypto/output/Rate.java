package dev.strongroom.crypto.output;

/**
 * A token bucket, in rows.
 *
 * @param rowsPerSecond that come back
 * @param burst at most this many at once
 */
public record Rate(long rowsPerSecond, long burst) {
    static final long MOST = 1_000_000_000_000L;

    String canonical() {
        return "{\"rowsPerSecond\":%d,\"burst\":%d}".formatted(rowsPerSecond, burst);
    }
}
