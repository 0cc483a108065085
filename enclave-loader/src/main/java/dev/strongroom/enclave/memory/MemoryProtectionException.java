package dev.strongroom.enclave.memory;

/** Memory could not be protected, so no plaintext may go there. Says which call and what to do. */
public final class MemoryProtectionException extends Exception {
    private static final long serialVersionUID = 1L;

    MemoryProtectionException(String message) {
        super(message);
    }

    MemoryProtectionException(String message, Throwable cause) {
        super(message, cause);
    }
}
