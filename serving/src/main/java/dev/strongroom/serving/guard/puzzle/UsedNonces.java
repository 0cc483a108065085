package dev.strongroom.serving.guard.puzzle;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which puzzles had their one try, as long as they would count. Not thread-safe.
 *
 * @param nonces with the moment of the try, the oldest first
 */
record UsedNonces(Map<ByteBuffer, Long> nonces, long lifeNanos, int most) {
    UsedNonces(long lifeNanos, int most) {
        this(new LinkedHashMap<>(), lifeNanos, most);
    }

    boolean has(ByteBuffer nonce) {
        return nonces.containsKey(nonce);
    }

    /** True if there is room to remember one more. */
    boolean hasRoom(long now) {
        Iterator<Long> tries = nonces.values().iterator();
        while (tries.hasNext() && now - tries.next() > lifeNanos) {
            tries.remove();
        }
        return nonces.size() < most;
    }

    void add(ByteBuffer nonce, long now) {
        nonces.put(nonce, now);
    }

    /** Of one that was not looked at after all. */
    void remove(ByteBuffer nonce) {
        nonces.remove(nonce);
    }
}
