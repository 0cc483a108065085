package dev.strongroom.ops;

import com.google.protobuf.ByteString;
import dev.strongroom.client.ClientException;
import dev.strongroom.proto.v1.GetResultTokenRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "get",
        description = {
            "Have the vault sign what it thinks of a node whose lease is in force: good for minutes,",
            "to be shown to whoever has the vault's pin."
        })
final class TokenGet implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "TENANT/NAME", description = "The model that it serves.")
    private String model;

    @Option(
            names = "--boot-id",
            required = true,
            paramLabel = "HEX",
            description = "Which boot of a node: audit list has it, in the release.")
    private String bootId;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the token here as well.")
    private @Nullable Path out;

    TokenGet(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            String token =
                    vault.release()
                            .getResultToken(
                                    GetResultTokenRequest.newBuilder()
                                            .setModel(model)
                                            .setBootId(ByteString.copyFrom(bootId(bootId)))
                                            .build())
                            .getResultToken();
            if (out != null) {
                Files.writeString(out, token);
            }
            return session.print(Answer.with("token", token).one());
        }
    }

    private static byte[] bootId(String hex) throws ClientException {
        try {
            return HexFormat.of().parseHex(hex);
        } catch (IllegalArgumentException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL,
                    "--boot-id: expected 32 hex digits",
                    "copy it from: strongroom audit list",
                    e);
        }
    }
}
