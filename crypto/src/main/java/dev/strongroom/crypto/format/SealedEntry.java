package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;

/**
 * One sealed file.
 *
 * @param digest SHA-256 of the sealed bytes, header included
 */
public record SealedEntry(long sealedBytes, Digest digest) {}
