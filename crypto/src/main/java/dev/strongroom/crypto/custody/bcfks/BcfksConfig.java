package dev.strongroom.crypto.custody.bcfks;

import dev.strongroom.crypto.custody.PinSource;
import java.nio.file.Path;

/**
 * Which key store to use.
 *
 * @param file the key store; its folder is writable, since every change replaces the file
 * @param password where its password comes from; read when the store is opened and at each change
 */
public record BcfksConfig(Path file, PinSource password) {}
