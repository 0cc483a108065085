package dev.strongroom.client;

/**
 * Hears how a long operation goes on. Called from the operation's own thread, in order; an
 * implementation returns quickly and never throws.
 */
public interface Progress {
    /** A listener that ignores everything. */
    Progress SILENT =
            new Progress() {
                @Override
                public void step(String what, long totalBytes) {}

                @Override
                public void advanced(long doneBytes) {}

                @Override
                public void warning(String what) {}
            };

    /**
     * A new step begins.
     *
     * @param totalBytes how much there is to do, 0 when it is not counted
     */
    void step(String what, long totalBytes);

    /** The current step has done this many bytes altogether. */
    void advanced(long doneBytes);

    /** Something the user should know although the operation goes on. */
    void warning(String what);
}
