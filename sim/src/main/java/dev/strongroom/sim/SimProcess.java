package dev.strongroom.sim;

/** How the mains of the simulated world end: a message on standard error and an exit code. */
final class SimProcess {
    private static final int USAGE = 1;

    /** The work of one main; its result is the exit code. */
    interface Body {
        int run() throws Exception;
    }

    private SimProcess() {}

    static void run(Body body) throws Exception {
        try {
            System.exit(body.run());
        } catch (UsageException e) {
            System.err.println("strongroom-sim: " + e.getMessage());
            System.exit(USAGE);
        }
    }
}
