package dev.strongroom.attestation.guest;

import java.io.IOException;

/** Carries one command at a time to a TPM 2.0 and its response back. Used by one thread. */
interface TpmTransport extends AutoCloseable {
    /** Longest command and response of any TPM (TPM_PT_MAX_RESPONSE_SIZE is 4096 in practice). */
    int MAX_BYTES = 4096;

    /** Sends a whole command and gives the whole response, at most {@link #MAX_BYTES}. */
    byte[] exchange(byte[] command) throws IOException;

    @Override
    void close() throws IOException;

    /** Opens transports. */
    @FunctionalInterface
    interface Source {
        TpmTransport open() throws IOException;
    }
}
