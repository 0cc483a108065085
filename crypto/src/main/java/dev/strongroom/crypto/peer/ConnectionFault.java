package dev.strongroom.crypto.peer;

import java.util.regex.Pattern;

/** Why a connection failed, in words for whoever runs the process. */
public final class ConnectionFault {
    /** What Netty's native transport puts before the system's own words. */
    private static final Pattern NATIVE =
            Pattern.compile("^\\w+\\(\\.\\.\\) failed with error\\(-?\\d+\\): ");

    private ConnectionFault() {}

    /** The words of the innermost cause, such as {@code Connection refused}. */
    public static String words(Throwable fault) {
        Throwable cause = fault;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String words = cause.getMessage();
        return words == null
                ? cause.getClass().getSimpleName()
                : NATIVE.matcher(words).replaceFirst("");
    }
}
