package dev.strongroom.attestation.guest;

import java.io.IOException;

/**
 * The few file operations that the kernel's {@code configfs-tsm} interface needs, behind an
 * interface because no ordinary folder behaves like it.
 */
interface Tsm {
    /** Makes the folder of one request; its files appear by themselves. */
    void mkdir(String request) throws IOException;

    /** Reads a file to its end: sizes say nothing in configfs. */
    byte[] read(String request, String file) throws IOException;

    /** Writes a file with one write call. */
    void write(String request, String file, byte[] value) throws IOException;

    /** Removes the folder of one request; its files cannot be unlinked. */
    void remove(String request) throws IOException;
}
