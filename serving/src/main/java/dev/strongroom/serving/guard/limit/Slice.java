package dev.strongroom.serving.guard.limit;

import java.time.Duration;

/**
 * Rows of a caller's day that this node alone may spend.
 *
 * @param rows none: the day's are gone
 * @param left of the day; what is not spent then is lost
 */
public record Slice(long rows, Duration left) {}
