package dev.strongroom.ops;

import dev.strongroom.attestation.policy.PolicyFormatException;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.client.ClientException;
import dev.strongroom.crypto.format.PolicyDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads a release policy from a file. */
final class PolicyFile {
    private PolicyFile() {}

    static ReleasePolicy read(Path file) throws ClientException, IOException {
        try (var in = Files.newInputStream(file)) {
            return ReleasePolicy.parse(in.readNBytes(PolicyDocument.MAX_BODY_BYTES + 1));
        } catch (NoSuchFileException e) {
            throw new ClientException(
                    ClientException.Kind.NOT_FOUND, file + ": no such file", "check the path", e);
        } catch (PolicyFormatException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL,
                    file + ": " + e.getMessage(),
                    "write one with: strongroom policy new",
                    e);
        }
    }
}
