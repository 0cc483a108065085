package dev.strongroom.ops;

import dev.strongroom.client.ClientException;
import dev.strongroom.client.Generated;
import dev.strongroom.client.GeneratedToken;
import dev.strongroom.client.GenerationRequest;
import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.ModelSignature;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "generate",
        description = {
            "Verify a node's evidence, lease and log entry, then have its decoder go on with tokens.",
            "Tokens are numbers of the model's own tokeniser, which stays with you.",
            "",
            "  strongroom generate acme/writer --node 127.0.0.1:7420 --tokens 464,3290 --max-tokens 32"
                    + " --stream"
        })
final class Generate implements Callable<Integer> {
    private static final String TOKENS = "output_ids";

    private final Session session;

    @Mixin private NodeOptions asked = new NodeOptions();

    @Option(
            names = "--tokens",
            required = true,
            split = ",",
            paramLabel = "N,N,…",
            description = "The prompt.")
    private List<Integer> tokens = List.of();

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            defaultValue = "16",
            description = "Tokens to generate at most; 16 when left out.")
    private int maxTokens;

    @Option(
            names = "--temperature",
            paramLabel = "X",
            defaultValue = "0",
            description = "0, as when left out, picks the best always; more flattens the odds.")
    private double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "N",
            defaultValue = "0",
            description = "Pick from so many of the best; 0, as when left out, from all.")
    private int topK;

    @Option(
            names = "--top-p",
            paramLabel = "X",
            defaultValue = "1",
            description = "Pick from the fewest that have this share of the odds together.")
    private double topP;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Draw the same tokens again, on the same node until it restarts.")
    private @Nullable Long seed;

    @Option(
            names = "--stop",
            split = ",",
            paramLabel = "N,N,…",
            description = "End after one of these tokens.")
    private List<Integer> stops = List.of();

    @Option(
            names = "--logprobs",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Show alternatives to each token, as far as the output policy lets you see.")
    private int logprobs;

    @Option(names = "--stream", description = "Print each token when it comes, a line each.")
    private boolean stream;

    @Mixin private ReceiptOptions receipt = new ReceiptOptions();

    Generate(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        if (stream && receipt.wanted()) {
            throw ClientException.local(
                    "a stream has no receipt: a node signs a whole sequence",
                    "leave out --stream or --receipt");
        }
        var request =
                new GenerationRequest(
                        tokens,
                        maxTokens,
                        temperature,
                        topK,
                        topP,
                        seed == null ? OptionalLong.empty() : OptionalLong.of(seed),
                        stops,
                        logprobs);
        try (var client =
                InferenceClient.attest(
                        asked.target(session),
                        session.anchors(),
                        session.clock(),
                        session.random())) {
            Answer.Fields answer = NodeOptions.proven(client.proof());
            requireDecoder(client.signature());
            Generated generated = generate(client, request);
            answer.with("tokens", generated.tokens().stream().map(GeneratedToken::id).toList())
                    .with("finish", generated.finish());
            if (logprobs > 0) {
                answer.with("logprobs", generated.tokens().stream().map(Generate::odds).toList());
            }
            return session.print(answer.one());
        }
    }

    /** A receipt speaks of a whole sequence, which comes in one answer. */
    private Generated generate(InferenceClient client, GenerationRequest request)
            throws ClientException, IOException {
        if (!receipt.wanted()) {
            return client.generate(request, this::show);
        }
        InferenceClient.SignedSequence whole = client.generateSigned(request);
        receipt.keep(whole.signed().model(), whole.question(), whole.signed());
        return whole.generated();
    }

    private static void requireDecoder(ModelSignature signature) throws ClientException {
        if (signature.outputs().stream().noneMatch(port -> port.name().equals(TOKENS))) {
            throw ClientException.local(
                    "this model is no decoder: it does not give " + TOKENS,
                    "ask it with: strongroom infer");
        }
    }

    private void show(GeneratedToken token) {
        if (stream) {
            session.console().out().println(token.id());
            session.console().out().flush();
        }
    }

    private static List<Map<String, Object>> odds(GeneratedToken token) {
        return token.alternatives().stream()
                .<Map<String, Object>>map(other ->
                        Answer.with("token", other.id()).with("logprob", other.logprob()).row())
                .toList();
    }
}
