package dev.strongroom.ops;

import dev.strongroom.attestation.policy.PolicyFormatException;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.client.ClientException;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.output.OutputFormatException;
import dev.strongroom.crypto.output.OutputPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Reads policies from files. */
final class PolicyFile {
    private PolicyFile() {}

    static ReleasePolicy read(Path file) throws ClientException, IOException {
        try {
            return ReleasePolicy.parse(bytes(file));
        } catch (PolicyFormatException e) {
            throw malformed(file, "strongroom policy new", e);
        }
    }

    /** What a policy of either kind says; the one that speaks of tiers is an output policy. */
    static List<String> explain(Path file) throws ClientException, IOException {
        byte[] json = bytes(file);
        if (!new String(json, StandardCharsets.UTF_8).contains("\"tiers\"")) {
            return read(file).explain();
        }
        try {
            return OutputPolicy.parse(json).explain();
        } catch (OutputFormatException e) {
            throw malformed(file, "strongroom policy new-output", e);
        }
    }

    private static byte[] bytes(Path file) throws ClientException, IOException {
        try (var in = Files.newInputStream(file)) {
            return in.readNBytes(PolicyDocument.MAX_BODY_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw new ClientException(
                    ClientException.Kind.NOT_FOUND, file + ": no such file", "check the path", e);
        }
    }

    private static ClientException malformed(Path file, String writer, Exception fault) {
        return new ClientException(
                ClientException.Kind.LOCAL,
                file + ": " + fault.getMessage(),
                "write one with: " + writer,
                fault);
    }
}
