package dev.strongroom.agent;

/**
 * The places at which a test may stop the process as a power cut would: {@code
 * -Dstrongroom.fault=NAME} halts there.
 */
enum FaultPoint {
    /** A release is in the log; the node has no answer. */
    RELEASE_RECORDED,
    /** A part is in the log; the owner has no answer. */
    PART_RECORDED;

    private static final int HALT_CODE = 137; // of a process killed by SIGKILL

    void reached() {
        if (name().equals(System.getProperty("strongroom.fault"))) {
            Runtime.getRuntime().halt(HALT_CODE);
        }
    }
}
