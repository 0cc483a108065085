package dev.strongroom.serving.guard.detect;

/** Bytes are not a calibration; the message says where, never what they hold. */
public final class CalibrationFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    CalibrationFormatException(String message) {
        super(message);
    }
}
