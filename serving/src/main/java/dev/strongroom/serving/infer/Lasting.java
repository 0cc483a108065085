package dev.strongroom.serving.infer;

import org.slf4j.Logger;

/** Has what looks every so often go on, whatever one look ends with. */
public final class Lasting {
    private Lasting() {}

    /**
     * The look, of which nothing is thrown: a timer gives up what throws.
     *
     * @param failed event that the log tells of a look that failed, and of what class that was
     */
    public static Runnable look(Logger log, String failed, Runnable look) {
        return () -> {
            try {
                look.run();
            } catch (RuntimeException | Error e) {
                tell(log, failed, e);
            }
        };
    }

    /** Says that something failed; less than everything to say is no failure of its own. */
    public static void tell(Logger log, String failed, Throwable why) {
        try {
            log.error("{} {}", failed, why.getClass().getName());
        } catch (RuntimeException | Error untold) {
            // the next look says so, if it fails as well
        }
    }
}
