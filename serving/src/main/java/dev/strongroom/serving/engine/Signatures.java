package dev.strongroom.serving.engine;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a session takes and gives, in the graph's order.
 *
 * @param outputs shown and hidden ones
 */
record Signatures(List<TensorSignature> inputs, List<TensorSignature> outputs) {
    Signatures {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /**
     * @throws UnservableModelException if there is anything but dense tensors of known types
     */
    static Signatures of(OrtSession session) throws OrtException, UnservableModelException {
        return new Signatures(all(session.getInputInfo()), all(session.getOutputInfo()));
    }

    List<TensorSignature> shown() {
        return outputs.stream().filter(output -> !output.isHidden()).toList();
    }

    List<TensorSignature> hidden() {
        return outputs.stream().filter(TensorSignature::isHidden).toList();
    }

    TensorSignature output(String name) {
        for (TensorSignature output : outputs) {
            if (output.name().equals(name)) {
                return output;
            }
        }
        throw new IllegalArgumentException("the model has no such output");
    }

    private static List<TensorSignature> all(Map<String, NodeInfo> nodes)
            throws UnservableModelException {
        List<TensorSignature> signatures = new ArrayList<>();
        for (NodeInfo node : nodes.values()) {
            if (!(node.getInfo() instanceof TensorInfo info)) {
                throw unsupported(node);
            }
            ElementType type = ElementType.of(info.onnxType).orElseThrow(() -> unsupported(node));
            List<Long> shape = new ArrayList<>();
            for (long size : info.getShape()) {
                shape.add(size);
            }
            signatures.add(new TensorSignature(node.getName(), type, shape));
        }
        return signatures;
    }

    private static UnservableModelException unsupported(NodeInfo node) {
        return new UnservableModelException(
                "'" + node.getName() + "': only dense tensors of the protocol's types are served");
    }
}
