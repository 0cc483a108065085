package dev.strongroom.agent;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts by name, each for the length of a window. When there are too many names the one whose
 * window began first is forgotten: nobody is kept out because others are counted.
 *
 * <p>Not thread-safe. Counts live in memory.
 */
final class Windows {
    static final int MAX_NAMES = 10_000; // about a megabyte

    private record Window(Instant end, int steps) {}

    private final Duration length;
    private final InstantSource clock;
    private final Map<String, Window> windows = new LinkedHashMap<>(); // in the order of their ends

    Windows(Duration length, InstantSource clock) {
        this.length = length;
        this.clock = clock;
    }

    /** Counts one step. */
    void step(String name) {
        Instant now = clock.instant();
        Window before = windows.get(name);
        if (before != null && now.isBefore(before.end())) {
            windows.put(name, new Window(before.end(), before.steps() + 1));
            return;
        }
        windows.remove(name);
        if (windows.size() >= MAX_NAMES) {
            Iterator<Window> oldest = windows.values().iterator();
            oldest.next();
            oldest.remove();
        }
        windows.put(name, new Window(now.plus(length), 1));
    }

    /** Steps since the name's window began. */
    int steps(String name) {
        Window current = windows.get(name);
        return current != null && clock.instant().isBefore(current.end()) ? current.steps() : 0;
    }
}
