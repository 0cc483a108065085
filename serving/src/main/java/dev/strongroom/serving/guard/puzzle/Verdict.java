package dev.strongroom.serving.guard.puzzle;

/** What came of a check. */
public enum Verdict {
    RIGHT,
    WRONG,
    /** It was not looked at: its turn would have come too late, and the solution counts still. */
    UNCHECKED
}
