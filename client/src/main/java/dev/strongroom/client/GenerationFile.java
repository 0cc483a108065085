package dev.strongroom.client;

import dev.strongroom.crypto.format.GenerationSettings;
import dev.strongroom.crypto.format.SealedFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How a decoder generates, as its owner wrote it. */
final class GenerationFile {
    private GenerationFile() {}

    /**
     * Reads it whole.
     *
     * @throws ClientException if it is something else
     */
    static byte[] read(Path file) throws ClientException, IOException {
        if (Files.size(file) > GenerationSettings.MAX_BYTES) {
            throw ClientException.local(
                    file + " has more than " + GenerationSettings.MAX_BYTES + " bytes",
                    "give --generation a file of generation settings");
        }
        byte[] json = Files.readAllBytes(file);
        try {
            GenerationSettings.parse(json);
            return json;
        } catch (SealedFormatException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL,
                    file + ": " + e.getMessage(),
                    "write {\"version\":1,\"endOfSequence\":[50256],\"contextTokens\":1024}",
                    e);
        }
    }
}
