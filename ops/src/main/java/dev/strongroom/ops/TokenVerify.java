package dev.strongroom.ops;

import dev.strongroom.attestation.Digest;
import dev.strongroom.client.ClientException;
import dev.strongroom.client.ResultCheck;
import dev.strongroom.crypto.format.AttestationResult;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.ResultToken;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "verify",
        description = {
            "Check a result token offline: signed by the pinned vault, in force, and about the",
            "node that is meant. Say which that is: a token about another node is genuine, too.",
            "The context remembers the vault's newest keys; one that was replaced counts no more.",
            "Exit 0, or 5 when it is not."
        })
final class TokenVerify implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "FILE", description = "The token.")
    private Path file;

    @Option(names = "--model", paramLabel = "TENANT/NAME", description = "Expect this model.")
    private @Nullable String model;

    @Option(names = "--boot-id", paramLabel = "HEX", description = "Expect this boot of a node.")
    private @Nullable String bootId;

    @Option(
            names = "--tls-key",
            paramLabel = "HEX",
            description = "Expect a node with this TLS key: SHA-256 of its SubjectPublicKeyInfo.")
    private @Nullable String tlsKey;

    @Option(names = "--nonce", paramLabel = "HEX", description = "Expect the vault's nonce.")
    private @Nullable String nonce;

    @Option(
            names = "--at",
            paramLabel = "INSTANT",
            description = "The moment to judge at, ISO 8601; now when left out.")
    private @Nullable String at;

    TokenVerify(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        var demand =
                new ResultToken.Demand(
                        given("--model", model, ModelName::parse),
                        given("--boot-id", bootId, HexFormat.of()::parseHex),
                        given("--tls-key", tlsKey, Digest::new),
                        given("--nonce", nonce, HexFormat.of()::parseHex));
        Instant moment = at == null ? session.clock().instant() : EvidenceVerify.instant(at);
        String token =
                TokenFile.find(file)
                        .orElseThrow(() ->
                                ClientException.local(
                                        file + ": no result token",
                                        "get one: strongroom evidence token get"));
        AttestationResult result =
                new ResultCheck(session.profile(), session.pin(), session.anchors())
                        .verify(token, moment, demand);
        return session.print(TokenFile.row(result).with("signature", "ok").one());
    }

    private static <T> Optional<T> given(
            String option, @Nullable String text, Function<String, T> parser)
            throws ClientException {
        try {
            return Optional.ofNullable(text).map(parser);
        } catch (IllegalArgumentException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL, option + ": " + e.getMessage(), "correct it", e);
        }
    }
}
