package dev.strongroom.serving.infer;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.inference.InferParameter;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferRequest.InferInputTensor;
import dev.strongroom.proto.inference.ModelInferRequest.InferRequestedOutputTensor;
import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.Shapes;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.Tensor.Content;
import dev.strongroom.serving.engine.TensorSignature;
import io.grpc.Status;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A request that fits the model: every name, type, shape and size was compared with its signature.
 *
 * @param inputs one per input of the model, in its order
 * @param outputs names in the order to answer
 * @param form of the answer's tensors
 * @param solution of a puzzle, if there is one
 */
public record InferenceRequest(
        List<Tensor> inputs, Set<String> outputs, Form form, Optional<GivenSolution> solution) {
    /** How tensors travel. */
    public enum Form {
        TYPED,
        RAW
    }

    /** Dimensions of a tensor, whatever the model says. */
    public static final int MAX_RANK = 32;

    private static final int MAX_ECHO = 128; // characters of a caller's name in a message
    private static final String BINARY_OUTPUT = "binary_data_output";
    private static final List<String> UNSUPPORTED =
            List.of("shared_memory_region", "classification");

    /** Of stateful models: a node keeps nothing from one question to the next. */
    private static final List<String> OF_SEQUENCES =
            List.of("sequence_id", "sequence_start", "sequence_end");

    /**
     * Compares with the signature; nothing is allocated for an input before its size is known.
     *
     * @param workingBytes that one tensor may need between inputs and outputs
     */
    static InferenceRequest decode(
            ModelInferRequest request,
            List<TensorSignature> modelInputs,
            List<TensorSignature> modelOutputs,
            long workingBytes)
            throws RefusedException {
        refuse("request", OF_SEQUENCES, request.getParametersMap());
        boolean raw = request.getRawInputContentsCount() > 0;
        if (raw && request.getRawInputContentsCount() != request.getInputsCount()) {
            throw RefusedException.invalid(
                    "INPUT_CONTENT",
                    "raw_input_contents: expected one per input (%d), got %d"
                            .formatted(
                                    request.getInputsCount(), request.getRawInputContentsCount()));
        }
        var inputs = new Tensor[modelInputs.size()];
        for (int i = 0; i < request.getInputsCount(); i++) {
            InferInputTensor input = request.getInputs(i);
            int place = place(input, modelInputs, inputs);
            TensorSignature signature = modelInputs.get(place);
            refuse("input '" + signature.name() + "'", UNSUPPORTED, input.getParametersMap());
            List<Long> shape = shape(input, signature);
            ByteString rawContent = raw ? request.getRawInputContents(i) : ByteString.EMPTY;
            inputs[place] =
                    tensor(input, signature, shape, raw ? Form.RAW : Form.TYPED, rawContent);
            WorkingMemory.require(signature, shape, workingBytes);
        }
        requireAll(modelInputs, inputs);
        return new InferenceRequest(
                List.of(inputs),
                outputs(request, modelOutputs),
                answerForm(request, modelOutputs),
                GivenSolution.in(request));
    }

    /** How many rows it has at most, if its tensors have rows: the largest first dimension. */
    public long rows() {
        long rows = 1;
        for (Tensor input : inputs) {
            if (!input.shape().isEmpty()) {
                rows = Math.max(rows, input.shape().getFirst());
            }
        }
        return rows;
    }

    /** Size of its numbers; strings count as the references that they are. */
    long bytes() {
        long bytes = 0;
        for (Tensor input : inputs) {
            bytes +=
                    switch (input.content()) {
                        case Content.Numbers(var numbers) -> numbers.remaining();
                        case Content.Strings(var values) -> (long) values.size() * Long.BYTES;
                    };
        }
        return bytes;
    }

    /** True if the other one's tensors differ from these in nothing but the number of rows. */
    boolean sameRowsAs(InferenceRequest other) {
        for (int i = 0; i < inputs.size(); i++) {
            List<Long> shape = inputs.get(i).shape();
            List<Long> others = other.inputs.get(i).shape();
            if (shape.isEmpty()
                    || shape.size() != others.size()
                    || shape.getFirst() != rows()
                    || others.getFirst() != other.rows()
                    || !shape.subList(1, shape.size()).equals(others.subList(1, others.size()))) {
                return false;
            }
        }
        return true;
    }

    /** Which of the model's inputs it is, none that was given before. */
    private static int place(
            InferInputTensor input, List<TensorSignature> modelInputs, @Nullable Tensor[] given)
            throws RefusedException {
        int place = indexOf(input.getName(), modelInputs);
        if (place < 0) {
            throw RefusedException.invalid(
                    "INPUT_UNKNOWN",
                    "input '%s': the model has no such input (expected: %s)"
                            .formatted(echo(input.getName()), names(modelInputs)));
        }
        TensorSignature signature = modelInputs.get(place);
        if (given[place] != null) {
            throw RefusedException.invalid(
                    "INPUT_DUPLICATE", "input '%s': given twice".formatted(signature.name()));
        }
        if (!input.getDatatype().equals(signature.type().name())) {
            throw RefusedException.invalid(
                    "INPUT_DATATYPE",
                    "input '%s': expected datatype %s, got '%s'"
                            .formatted(
                                    signature.name(), signature.type(), echo(input.getDatatype())));
        }
        return place;
    }

    /** Less than zero: none. */
    private static int indexOf(String name, List<TensorSignature> signatures) {
        for (int i = 0; i < signatures.size(); i++) {
            if (signatures.get(i).name().equals(name)) {
                return i;
            }
        }
        return -1;
    }

    private static String names(List<TensorSignature> signatures) {
        return signatures.stream().map(TensorSignature::name).collect(Collectors.joining(", "));
    }

    private static List<Long> shape(InferInputTensor input, TensorSignature signature)
            throws RefusedException {
        List<Long> shape = input.getShapeList();
        List<Long> expected = signature.shape();
        // The library reports a scalar and a tensor of unknown rank alike; it checks those itself.
        boolean rankFits =
                expected.isEmpty() ? shape.size() <= MAX_RANK : shape.size() == expected.size();
        boolean fits = rankFits;
        for (int i = 0; fits && i < expected.size(); i++) {
            fits = expected.get(i) < 0 || expected.get(i).equals(shape.get(i));
        }
        for (int i = 0; fits && i < shape.size(); i++) {
            fits = shape.get(i) >= 0 && shape.get(i) <= Integer.MAX_VALUE;
        }
        if (!fits) {
            throw RefusedException.invalid(
                    "INPUT_SHAPE",
                    "input '%s': expected shape %s, got %s"
                            .formatted(signature.name(), expected, brief(shape)));
        }
        return shape;
    }

    private static Tensor tensor(
            InferInputTensor input,
            TensorSignature signature,
            List<Long> shape,
            Form form,
            ByteString raw)
            throws RefusedException {
        String name = signature.name();
        ElementType type = signature.type();
        long elements = elements(name, shape);
        if (form == Form.RAW) {
            if (input.hasContents()) {
                throw RefusedException.invalid(
                        "INPUT_CONTENT",
                        "input '%s': contents beside raw_input_contents; send one of them"
                                .formatted(name));
            }
            return new Tensor(name, type, shape, RawContents.decode(name, type, elements, raw));
        }
        return new Tensor(
                name, type, shape, TypedContents.decode(name, type, elements, input.getContents()));
    }

    private static long elements(String name, List<Long> shape) throws RefusedException {
        try {
            return Shapes.elements(shape);
        } catch (ArithmeticException e) {
            throw RefusedException.invalid(
                    "INPUT_SHAPE", "input '%s': its shape overflows".formatted(name));
        }
    }

    private static void requireAll(List<TensorSignature> modelInputs, @Nullable Tensor[] given)
            throws RefusedException {
        for (int i = 0; i < given.length; i++) {
            TensorSignature input = modelInputs.get(i);
            if (given[i] == null) {
                throw RefusedException.invalid(
                        "INPUT_MISSING",
                        "input '%s' is missing (expected: %s %s)"
                                .formatted(input.name(), input.type(), input.shape()));
            }
        }
    }

    private static Set<String> outputs(
            ModelInferRequest request, List<TensorSignature> modelOutputs) throws RefusedException {
        Set<String> wanted = new LinkedHashSet<>();
        if (request.getOutputsCount() == 0) {
            modelOutputs.forEach(output -> wanted.add(output.name()));
            return wanted;
        }
        for (InferRequestedOutputTensor output : request.getOutputsList()) {
            if (indexOf(output.getName(), modelOutputs) < 0) {
                throw RefusedException.invalid(
                        "OUTPUT_UNKNOWN",
                        "output '%s': the model has no such output (expected: %s)"
                                .formatted(echo(output.getName()), names(modelOutputs)));
            }
            if (!wanted.add(output.getName())) {
                throw RefusedException.invalid(
                        "OUTPUT_DUPLICATE",
                        "output '%s': asked for twice".formatted(output.getName()));
            }
            refuse("output '" + output.getName() + "'", UNSUPPORTED, output.getParametersMap());
        }
        return wanted;
    }

    /**
     * Raw, which Triton's clients expect however they asked, unless {@code binary_data_output} is
     * false; half floats travel raw only.
     */
    private static Form answerForm(ModelInferRequest request, List<TensorSignature> modelOutputs) {
        InferParameter asked =
                request.getParametersMap()
                        .getOrDefault(BINARY_OUTPUT, InferParameter.getDefaultInstance());
        return asked.hasBoolParam()
                        && !asked.getBoolParam()
                        && modelOutputs.stream()
                                .allMatch(output -> TypedContents.canCarry(output.type()))
                ? Form.TYPED
                : Form.RAW;
    }

    private static void refuse(
            String where, List<String> unsupported, Map<String, InferParameter> parameters)
            throws RefusedException {
        for (String name : unsupported) {
            if (parameters.containsKey(name)) {
                throw new RefusedException(
                        Status.Code.UNIMPLEMENTED,
                        "PARAMETER_UNSUPPORTED",
                        where + ": parameter " + name + " is not supported by this node");
            }
        }
    }

    static String brief(List<Long> shape) {
        return shape.size() <= MAX_RANK ? shape.toString() : "one of rank " + shape.size();
    }

    /** Keeps a caller's text short and printable before it comes back in a message. */
    public static String echo(String text) {
        int[] printable =
                text.codePoints()
                        .limit(MAX_ECHO)
                        .map(c -> Character.isISOControl(c) ? '?' : c)
                        .toArray();
        return new String(printable, 0, printable.length);
    }
}
