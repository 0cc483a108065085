package dev.strongroom.ops;

import dev.strongroom.attestation.policy.PolicyFormatException;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.client.ClientException;
import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.ModelSignature;
import dev.strongroom.client.NodeProof;
import dev.strongroom.client.NodeTarget;
import dev.strongroom.client.Tensor;
import dev.strongroom.client.VersionDemand;
import dev.strongroom.crypto.format.ModelName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "infer",
        description = {
            "Verify a node's evidence, lease and log entry, then ask it.",
            "Without --input only the node is verified. The node's certificate carries its evidence,",
            "judged in the TLS handshake; the node is then asked for evidence over a fresh nonce and",
            "this TLS channel, unless --evidence-max-age says that the certificate's is young enough.",
            "",
            "  strongroom infer acme/minilm --node 127.0.0.1:7420 --input input_ids=[[101,102]]"
                    + " --input attention_mask=@mask.json"
        })
final class Infer implements Callable<Integer> {
    private final Session session;

    @Parameters(
            paramLabel = "NAME",
            converter = VersionName.ModelConverter.class,
            description = "tenant/name")
    private ModelName model;

    @Option(
            names = "--node",
            required = true,
            paramLabel = "HOST:PORT",
            description = "The node to ask.")
    private String node;

    @Option(
            names = "--input",
            paramLabel = "NAME=JSON|@FILE",
            description = "An input as nested lists; the model says its type.")
    private Map<String, String> inputs = new LinkedHashMap<>();

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description = "Own demands on the evidence instead of the owner's release policy.")
    private @Nullable Path policy;

    @Option(
            names = "--evidence-max-age",
            paramLabel = "SECONDS",
            description = {
                "Take the evidence in the node's certificate when it is at most so old by the vault's",
                "time; it is bound to the node's TLS key, not to this channel."
            })
    private @Nullable Long evidenceMaxAge;

    @Option(
            names = "--standing-max-age",
            paramLabel = "SECONDS",
            description = {
                "How old the vault's last word may be that the node's lease is not revoked; 300 when",
                "left out. A node that is cut off from its vault cannot show a younger one."
            })
    private @Nullable Long standingMaxAge;

    @Option(
            names = "--receipt",
            paramLabel = "FILE",
            description = {
                "Ask for a signed receipt, verify it and write it to FILE; `receipt verify FILE`",
                "verifies it again, offline."
            })
    private @Nullable Path receipt;

    @ArgGroup private @Nullable Versions versions;

    /** At most one of the two. */
    static final class Versions {
        @Option(names = "--version", paramLabel = "N", description = "Accept this version only.")
        private @Nullable Long exact;

        @Option(names = "--min-version", paramLabel = "N", description = "Accept none before it.")
        private @Nullable Long lowest;

        VersionDemand demand() {
            return exact != null
                    ? VersionDemand.exactly(exact)
                    : lowest != null ? VersionDemand.atLeast(lowest) : VersionDemand.ANY;
        }
    }

    Infer(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        var target =
                new NodeTarget(
                        session.profile(),
                        node,
                        session.findVaultAddress(),
                        session.pin(),
                        model,
                        demand(),
                        ownPolicy(),
                        seconds("--evidence-max-age", evidenceMaxAge),
                        seconds("--standing-max-age", standingMaxAge)
                                .orElse(NodeTarget.STANDING_MAX_AGE));
        try (var client =
                InferenceClient.attest(
                        target, session.anchors(), session.clock(), session.random())) {
            Answer.Fields answer = proven(client.proof());
            if (!inputs.isEmpty()) {
                answer.with("outputs", outputs(ask(client)));
            }
            return session.print(answer.one());
        }
    }

    private List<Tensor> ask(InferenceClient client) throws ClientException, IOException {
        List<Tensor> tensors = tensors(client.signature());
        if (receipt == null) {
            return client.infer(tensors);
        }
        InferenceClient.Signed signed = client.inferSigned(tensors);
        Files.write(receipt, signed.receipt().encode());
        return signed.outputs();
    }

    private static Optional<Duration> seconds(String option, @Nullable Long given)
            throws ClientException {
        if (given != null && given < 0) {
            throw ClientException.local(
                    option + " " + given + ": expected seconds from 0",
                    "leave it out for the usual");
        }
        return Optional.ofNullable(given).map(Duration::ofSeconds);
    }

    private VersionDemand demand() throws ClientException {
        try {
            return versions == null ? VersionDemand.ANY : versions.demand();
        } catch (IllegalArgumentException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL,
                    "versions are counted from 1",
                    "give --version or --min-version a number from 1",
                    e);
        }
    }

    private Optional<ReleasePolicy> ownPolicy() throws ClientException, IOException {
        if (policy == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(ReleasePolicy.parse(Files.readAllBytes(policy)));
        } catch (PolicyFormatException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL,
                    policy + " is no release policy: " + e.getMessage(),
                    "correct the file, or leave --policy out to use the owner's",
                    e);
        }
    }

    private List<Tensor> tensors(ModelSignature signature) throws ClientException, IOException {
        var tensors = new ArrayList<Tensor>();
        for (Map.Entry<String, String> input : inputs.entrySet()) {
            ModelSignature.Port port =
                    signature.inputs().stream()
                            .filter(candidate -> candidate.name().equals(input.getKey()))
                            .findFirst()
                            .orElseThrow(() ->
                                    ClientException.local(
                                            "the model has no input " + input.getKey(),
                                            "its inputs are "
                                                    + signature.inputs().stream()
                                                            .map(ModelSignature.Port::name)
                                                            .toList()));
            tensors.add(TensorJson.read(port, json(input.getValue())));
        }
        return tensors;
    }

    private static String json(String given) throws IOException {
        return given.startsWith("@") ? Files.readString(Path.of(given.substring(1))) : given;
    }

    private static Answer.Fields proven(NodeProof proof) {
        return Answer.with("model", proof.model().toString())
                .with("version", proof.version())
                .with("attestation", "ok")
                .with(
                        "measurement",
                        proof.attested().claims().values().getOrDefault("snp.measurement", ""))
                .with("manifest_digest", proof.manifestDigest().hex())
                .with("log_index", proof.logIndex())
                .with("lease_not_after", proof.leaseNotAfter().toString())
                .with("channel_binding", binding(proof))
                .with("evidence_not_before", proof.evidenceNotBefore().toString())
                .with("not_revoked_at", proof.notRevokedAt().toString());
    }

    private static String binding(NodeProof proof) {
        return switch (proof.binding()) {
            case PEER_KEY -> "peer-key";
            case TLS_EXPORTER -> "tls-exporter";
        };
    }

    private static List<Map<String, Object>> outputs(List<Tensor> tensors) {
        return tensors.stream()
                .<Map<String, Object>>map(tensor ->
                        Answer.with("name", tensor.name())
                                .with("datatype", tensor.type().name())
                                .with("shape", tensor.shape())
                                .with("data", TensorJson.write(tensor))
                                .row())
                .toList();
    }
}
