package dev.strongroom.crypto.seal;

import dev.strongroom.crypto.format.FileEntry;
import dev.strongroom.crypto.format.SealedEntry;

/**
 * What sealing one file yields for the two statements.
 *
 * @param keyedDigest HMAC-SHA256 of the plaintext, for the content statement
 */
public record SealedFile(SealedEntry entry, long plaintextBytes, byte[] keyedDigest) {

    /** The content statement's entry. */
    public FileEntry contentEntry(String fileName) {
        return new FileEntry(fileName, plaintextBytes, keyedDigest);
    }
}
