package dev.strongroom.sim;

/** A command line that cannot be understood; the message says what was expected. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
        super(message);
    }
}
