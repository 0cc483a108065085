package dev.strongroom.ops;

import dev.strongroom.client.ClientException;
import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.ModelSignature;
import dev.strongroom.client.NodeTarget;
import dev.strongroom.client.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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

    @Mixin private NodeOptions asked = new NodeOptions();

    @Option(
            names = "--input",
            paramLabel = "NAME=JSON|@FILE",
            description = "An input as nested lists; the model says its type.")
    private Map<String, String> inputs = new LinkedHashMap<>();

    @Mixin private ReceiptOptions receipt = new ReceiptOptions();

    Infer(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        NodeTarget target = asked.target(session);
        try (var client =
                InferenceClient.attest(
                        target, session.anchors(), session.clock(), session.random())) {
            Answer.Fields answer = NodeOptions.proven(client.proof());
            if (!inputs.isEmpty()) {
                answer.with("outputs", ExchangeJson.tensors(ask(client)));
            }
            return session.print(answer.one());
        }
    }

    private List<Tensor> ask(InferenceClient client) throws ClientException, IOException {
        List<Tensor> tensors = tensors(client.signature());
        if (!receipt.wanted()) {
            return client.infer(tensors);
        }
        InferenceClient.Signed signed = client.inferSigned(tensors);
        receipt.keep(signed.model(), tensors, signed);
        return signed.outputs();
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
}
