package dev.strongroom.serving.tune;

/** Nothing more can be looked at; the message says why. */
public final class CutShortException extends Exception {
    private static final long serialVersionUID = 1L;

    CutShortException(String why) {
        super(why);
    }
}
