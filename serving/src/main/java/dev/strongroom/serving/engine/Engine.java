package dev.strongroom.serving.engine;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.TensorInfo;
import dev.strongroom.enclave.load.LoadedModel;
import dev.strongroom.enclave.memory.StackResidue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BooleanSupplier;

/**
 * An ONNX Runtime session whose weights stay where they were opened: initialisers from weights
 * files are given to the session as tensors over protected memory, and it keeps no copy of them.
 *
 * <p>A graph that carries its weights itself is served as well; the session then holds a second
 * copy outside protected memory, and the log says so.
 *
 * <p>Thread-safe. The caller closes the engine before the model it was opened over.
 */
public final class Engine implements AutoCloseable {
    private static final long DRAIN_SECONDS = 30;

    private final ModelSession model;
    private final List<TensorSignature> inputs;
    private final List<TensorSignature> outputs;
    private final List<TensorSignature> hidden;
    private final List<TensorSignature> all; // outputs, shown and hidden
    private final Optional<Decoder> decoder;
    private final ReadWriteLock life = new ReentrantReadWriteLock();
    private final ActiveRuns runs = new ActiveRuns();
    private boolean closed;

    private Engine(ModelSession model) throws OrtException, UnservableModelException {
        this.model = model;
        this.inputs = signatures(model.session().getInputInfo());
        this.all = signatures(model.session().getOutputInfo());
        this.outputs = all.stream().filter(output -> !output.isHidden()).toList();
        this.hidden = all.stream().filter(TensorSignature::isHidden).toList();
        this.decoder =
                DecoderSignature.of(inputs, outputs).map(signature -> new Decoder(this, signature));
    }

    /**
     * Makes a session over an opened model.
     *
     * @throws UnservableModelException if the graph is malformed, points outside the opened files
     *     or needs what is not supported
     * @throws IOException if the placeholder cannot be written
     */
    public static Engine open(LoadedModel loaded, EngineOptions options)
            throws UnservableModelException, IOException {
        var model = ModelSession.open(loaded, options);
        try {
            return new Engine(model);
        } catch (OrtException e) {
            model.close();
            throw new UnservableModelException(
                    "graph: ONNX Runtime does not say what it takes (" + e.getCode() + ")");
        } catch (UnservableModelException | RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /**
     * Loads what every session needs and none brings: the library, its environment, the way to
     * clean a stack. Takes a tenth of a second in a new process, so begin it beside something else.
     */
    public static void warmUp() {
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
        StackResidue.wipe();
    }

    /** What the model takes, in the graph's order. */
    public List<TensorSignature> inputs() {
        return inputs;
    }

    /** What the model gives to callers, in the graph's order. */
    public List<TensorSignature> outputs() {
        return outputs;
    }

    /**
     * What the model gives to the guard alone: outputs whose names begin with {@value
     * TensorSignature#HIDDEN}, as the penultimate tensor that was tapped for the detector.
     */
    public List<TensorSignature> hidden() {
        return hidden;
    }

    /** Runs it token by token, if it is a decoder that keeps keys and values of earlier ones. */
    public Optional<Decoder> decoder() {
        return decoder;
    }

    /**
     * What is to be computed for a caller who wants {@code outputs}: those first; if the guard
     * looks at hidden ones, then all others as well, because what a caller leaves out must not
     * blind it.
     */
    public Set<String> computed(Set<String> wanted) {
        if (hidden.isEmpty()) {
            return wanted;
        }
        var names = new LinkedHashSet<>(wanted);
        outputs.forEach(output -> names.add(output.name()));
        hidden.forEach(output -> names.add(output.name()));
        return names;
    }

    /**
     * Runs the model once.
     *
     * @param values one per input of the model
     * @param wanted names of outputs
     * @return the wanted outputs, in the order of {@code wanted}
     */
    public List<Tensor> run(List<Tensor> values, Set<String> wanted) throws InferenceException {
        return run(List.of(values), wanted, () -> false).getFirst();
    }

    /**
     * Runs the model once for several requests, each with rows of its own.
     *
     * @param requests one per caller, each with one tensor per input of the model, in the model's
     *     order; several differ in their numbers of rows only
     * @param wanted names of outputs
     * @param over true once nobody wants the answers any more; asked by {@link #endOverdue}
     * @return the wanted outputs of each request, in the order of {@code wanted}
     */
    public List<List<Tensor>> run(
            List<List<Tensor>> requests, Set<String> wanted, BooleanSupplier over)
            throws InferenceException {
        return use(over, use -> answers(use, requests, wanted));
    }

    /** Uses the session, which stays open for as long. */
    <T> T use(BooleanSupplier over, Use.Of<T> used) throws InferenceException {
        life.readLock().lock();
        try {
            if (closed || runs.interrupted()) {
                throw new InferenceException(
                        InferenceException.Fault.CLOSED, "the model is closed");
            }
            return useOpen(over, used);
        } catch (OrtException e) {
            throw failure(e);
        } finally {
            life.readLock().unlock();
        }
    }

    /**
     * Has runs that are over end at their next step, as {@link InferenceException.Fault#STOPPED}.
     */
    public void endOverdue() {
        runs.endOverdue();
    }

    /** True when the session has a copy of the weights outside protected memory. */
    public boolean holdsWeights() {
        return model.holdsWeights();
    }

    /** Refuses further runs and has those under way end at their next step, without an answer. */
    public void interrupt() {
        runs.interrupt();
    }

    /**
     * Waits for runs under way, then ends the session. Idempotent.
     *
     * @throws IllegalStateException if a run does not end in time
     */
    @Override
    public void close() {
        awaitRuns();
        try {
            if (closed) {
                return;
            }
            closed = true;
            decoder.ifPresent(Decoder::closeCaches);
            model.close();
        } finally {
            life.writeLock().unlock();
        }
    }

    private void awaitRuns() {
        try {
            if (!life.writeLock().tryLock(DRAIN_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("an inference does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while inferences end", e);
        }
    }

    private <T> T useOpen(BooleanSupplier over, Use.Of<T> used)
            throws OrtException, InferenceException {
        try (var memory = new RunMemory(model.environment());
                var run = runs.begin(over);
                var overdraft = Overdraft.begin(run::end)) {
            try {
                return used.apply(new Use(model.session(), memory, run, overdraft));
            } catch (OrtException e) {
                overdraft.requireCovered();
                if (run.stopped() && !runs.interrupted()) {
                    throw new InferenceException(
                            InferenceException.Fault.STOPPED, "the inference was stopped");
                }
                throw e;
            }
        }
    }

    private static Map<String, OnnxTensor> place(List<List<Tensor>> requests, RunMemory memory)
            throws OrtException {
        List<Tensor> first = requests.getFirst();
        Map<String, OnnxTensor> given = new HashMap<>();
        for (int i = 0; i < first.size(); i++) {
            given.put(
                    first.get(i).name(),
                    requests.size() == 1
                            ? memory.place(first.get(i))
                            : memory.place(BatchInputs.of(requests, i)));
        }
        return given;
    }

    private List<List<Tensor>> answers(Use use, List<List<Tensor>> requests, Set<String> wanted)
            throws OrtException, InferenceException {
        Map<String, OnnxTensor> given = place(requests, use.memory());
        try (var result = use.session().run(given, wanted, use.run().options())) {
            use.overdraft().requireCovered();
            List<Tensor> answers = new ArrayList<>();
            for (String name : wanted) {
                answers.add(OutputTensors.read(output(name), result));
            }
            return requests.size() == 1
                    ? List.of(answers)
                    : BatchOutputs.split(answers, rows(requests));
        } finally {
            StackResidue.wipe();
        }
    }

    private static List<Long> rows(List<List<Tensor>> requests) {
        return requests.stream().map(request -> request.getFirst().shape().getFirst()).toList();
    }

    private InferenceException failure(OrtException e) {
        if (runs.interrupted()) {
            return new InferenceException(
                    InferenceException.Fault.CLOSED, "the model was closed meanwhile");
        }
        return switch (e.getCode()) {
            case ORT_INVALID_ARGUMENT ->
                    new InferenceException(
                            InferenceException.Fault.INPUT,
                            "the model refused the inputs: their shapes or values do not fit it");
            default ->
                    new InferenceException(
                            InferenceException.Fault.ENGINE,
                            "the model failed on these inputs (" + e.getCode() + ")");
        };
    }

    private TensorSignature output(String name) {
        for (TensorSignature output : all) {
            if (output.name().equals(name)) {
                return output;
            }
        }
        throw new IllegalArgumentException("the model has no such output");
    }

    private static List<TensorSignature> signatures(Map<String, NodeInfo> nodes)
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
        return List.copyOf(signatures);
    }

    private static UnservableModelException unsupported(NodeInfo node) {
        return new UnservableModelException(
                "'" + node.getName() + "': only dense tensors of the protocol's types are served");
    }
}
