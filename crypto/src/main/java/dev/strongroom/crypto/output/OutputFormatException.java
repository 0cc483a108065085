package dev.strongroom.crypto.output;

/** Bytes that are no output policy. The message says where and what was expected. */
public final class OutputFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    OutputFormatException(String message) {
        super(message);
    }
}
