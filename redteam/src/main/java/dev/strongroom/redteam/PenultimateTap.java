package dev.strongroom.redteam;

import dev.strongroom.proto.onnx.GraphProto;
import dev.strongroom.proto.onnx.ModelProto;
import dev.strongroom.proto.onnx.NodeProto;
import dev.strongroom.proto.onnx.TensorProto;
import dev.strongroom.proto.onnx.ValueInfoProto;
import dev.strongroom.serving.engine.TensorSignature;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Adds the tensor before a classifier's last layer to its outputs, under a name that no caller
 * sees. Everything else of the model stays as it is, byte for byte.
 */
final class PenultimateTap {
    private static final Set<String> LAYERS = Set.of("Gemm", "MatMul");
    private static final Set<String> AFTER_IT =
            Set.of("Add", "Softmax", "LogSoftmax", "Sigmoid", "Identity", "Flatten", "Reshape");

    private final GraphProto graph;
    private final Map<String, NodeProto> producers = new HashMap<>();
    private final Set<String> constants = new HashSet<>();

    private PenultimateTap(GraphProto graph) {
        this.graph = graph;
        for (TensorProto tensor : graph.getInitializerList()) {
            constants.add(tensor.getName());
        }
        for (NodeProto node : graph.getNodeList()) {
            node.getOutputList().forEach(output -> producers.put(output, node));
            if (node.getOpType().equals("Constant")) {
                constants.addAll(node.getOutputList());
            }
        }
    }

    /** The model with the tap; empty when its first output does not come from a linear layer. */
    static Optional<ModelProto> add(ModelProto model) {
        var tap = new PenultimateTap(model.getGraph());
        return tap.find().map(tensor -> model.toBuilder().setGraph(tap.with(tensor)).build());
    }

    private Optional<String> find() {
        if (graph.getOutputCount() == 0 || isTapped()) {
            return Optional.empty();
        }
        Optional<String> at = Optional.of(graph.getOutput(0).getName());
        for (int step = 0; step < graph.getNodeCount() && at.isPresent(); step++) {
            NodeProto node = producers.get(at.get());
            if (node == null) {
                return Optional.empty();
            }
            at = computedInput(node);
            if (LAYERS.contains(node.getOpType())) {
                return at;
            }
            if (!AFTER_IT.contains(node.getOpType())) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    private boolean isTapped() {
        return producers.containsKey(TensorSignature.PENULTIMATE);
    }

    /** The one input that is not a weight; of two nobody knows which. */
    private Optional<String> computedInput(NodeProto node) {
        var computed =
                node.getInputList().stream()
                        .filter(input -> !input.isEmpty() && !constants.contains(input))
                        .toList();
        return computed.size() == 1 ? Optional.of(computed.getFirst()) : Optional.empty();
    }

    private GraphProto with(String tensor) {
        return graph.toBuilder()
                .addNode(
                        NodeProto.newBuilder()
                                .setOpType("Identity")
                                .addInput(tensor)
                                .addOutput(TensorSignature.PENULTIMATE))
                .addOutput(ValueInfoProto.newBuilder().setName(TensorSignature.PENULTIMATE))
                .build();
    }
}
