package dev.strongroom.attestation;

/** How fit a node process says it is to hold plaintext; higher levels include the lower ones. */
public enum Posture {
    /** Not dumpable, no core, attach off, locked memory, no swap, telemetry off. */
    BASE(1),

    /**
     * Besides: nothing writable is executable, the root and all code on read-only file systems, all
     * memory locked, an unprivileged user, a filter on system calls, and no option, variable or
     * configuration from outside the image.
     */
    HARDENED(2);

    private final int level;

    Posture(int level) {
        this.level = level;
    }

    public int level() {
        return level;
    }

    public static Posture ofLevel(int level) {
        for (Posture posture : values()) {
            if (posture.level == level) {
                return posture;
            }
        }
        throw new IllegalArgumentException("posture level: " + level + " (expected: 1 or 2)");
    }
}
