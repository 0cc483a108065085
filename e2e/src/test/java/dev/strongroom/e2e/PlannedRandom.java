package dev.strongroom.e2e;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * Random bytes that a test gets to know: 32 bytes at a time are first taken from a plan, and
 * everything drawn is kept. So a push through the real client has keys that can be looked for.
 */
final class PlannedRandom extends SecureRandom {
    private static final long serialVersionUID = 1L;

    private final transient List<byte[]> plan;
    private final transient List<byte[]> drawn = new ArrayList<>();

    /**
     * @param plan arrays of 32 bytes, used once each and in order
     */
    PlannedRandom(List<byte[]> plan) {
        this.plan = new ArrayList<>(plan);
    }

    @Override
    public void nextBytes(byte[] bytes) {
        super.nextBytes(bytes);
        if (bytes.length == 32 && !plan.isEmpty()) {
            System.arraycopy(plan.removeFirst(), 0, bytes, 0, bytes.length);
        }
        drawn.add(bytes.clone());
    }

    /** Everything of this length that was drawn, in order. */
    List<byte[]> drawn(int bytes) {
        return drawn.stream().filter(each -> each.length == bytes).toList();
    }
}
