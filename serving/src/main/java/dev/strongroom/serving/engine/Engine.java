package dev.strongroom.serving.engine;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.strongroom.crypto.format.CompanionFile;
import dev.strongroom.enclave.load.LoadedModel;
import dev.strongroom.enclave.memory.StackResidue;
import dev.strongroom.enclave.memory.TouchesPlaintext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
    private static final long DRAIN_SECONDS = 30;
    private static final int INLINE_WARNING_BYTES = 256 << 10; // small initialisers stay in a graph

    private final OrtEnvironment environment;
    private final OrtSession session;
    private final List<OnnxTensor> weights;
    private final List<TensorSignature> inputs;
    private final List<TensorSignature> outputs;
    private final ReadWriteLock life = new ReentrantReadWriteLock();
    private final ActiveRuns runs = new ActiveRuns();
    private boolean closed;

    private Engine(OrtEnvironment environment, OrtSession session, List<OnnxTensor> weights)
            throws OrtException, UnservableModelException {
        this.environment = environment;
        this.session = session;
        this.weights = weights;
        this.inputs = signatures(session.getInputInfo());
        this.outputs = signatures(session.getOutputInfo());
    }

    /**
     * Makes a session over an opened model.
     *
     * @throws UnservableModelException if the graph is malformed, points outside the opened files
     *     or needs what is not supported
     * @throws IOException if the placeholder cannot be written
     */
    @TouchesPlaintext("gives graph and weights to the session")
    public static Engine open(LoadedModel model, EngineOptions options)
            throws UnservableModelException, IOException {
        Map<String, Long> files = weightFiles(model);
        var graph = model.view(model.graphFile());
        List<ExternalTensor> external = ExternalTensors.find(graph, files);
        if (external.isEmpty() && graph.byteSize() > INLINE_WARNING_BYTES) {
            LOG.warn(
                    "engine.two_copies the graph carries its weights: the session keeps a copy"
                            + " outside protected memory; push a prepared model");
        }
        if (graph.byteSize() > Integer.MAX_VALUE) {
            throw new UnservableModelException("graph: more than 2 GiB");
        }
        List<OnnxTensor> weights = new ArrayList<>();
        try (var placeholder =
                        WeightsPlaceholder.in(options.scratch(), List.copyOf(files.keySet()));
                var sessionOptions = new OrtSession.SessionOptions()) {
            var environment =
                    OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            configure(sessionOptions, options, placeholder);
            for (ExternalTensor tensor : external) {
                weights.add(give(environment, sessionOptions, tensor, model));
            }
            var session = environment.createSession(graph.asByteBuffer(), sessionOptions);
            return finish(environment, session, weights);
        } catch (OrtException e) {
            weights.forEach(OnnxTensor::close);
            throw new UnservableModelException(
                    "graph: ONNX Runtime refused the model (" + e.getCode() + ")");
        } catch (UnservableModelException | IOException | RuntimeException e) {
            weights.forEach(OnnxTensor::close);
            throw e;
        }
    }

    /** What the model takes, in the graph's order. */
    public List<TensorSignature> inputs() {
        return inputs;
    }

    /** What the model gives, in the graph's order. */
    public List<TensorSignature> outputs() {
        return outputs;
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
        life.readLock().lock();
        try {
            if (closed || runs.interrupted()) {
                throw new InferenceException(
                        InferenceException.Fault.CLOSED, "the model is closed");
            }
            return runOpen(requests, wanted, over);
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
        return weights.isEmpty();
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
            session.close();
            weights.forEach(OnnxTensor::close);
        } catch (OrtException e) {
            throw new IllegalStateException("session", e);
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

    private List<List<Tensor>> runOpen(
            List<List<Tensor>> requests, Set<String> wanted, BooleanSupplier over)
            throws OrtException, InferenceException {
        try (var memory = new RunMemory(environment);
                var run = runs.begin(over)) {
            try {
                return run(place(requests, memory), requests, wanted, run);
            } catch (OrtException e) {
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

    private List<List<Tensor>> run(
            Map<String, OnnxTensor> given,
            List<List<Tensor>> requests,
            Set<String> wanted,
            ActiveRuns.Run run)
            throws OrtException, InferenceException {
        try (var result = session.run(given, wanted, run.options())) {
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
        return outputs.stream()
                .filter(output -> output.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the model has no such output"));
    }

    private static Engine finish(
            OrtEnvironment environment, OrtSession session, List<OnnxTensor> weights)
            throws OrtException, UnservableModelException {
        try {
            return new Engine(environment, session, weights);
        } catch (OrtException | UnservableModelException e) {
            session.close();
            throw e;
        }
    }

    /** Optimised once when the model was prepared; an optimiser here would copy the weights. */
    private static void configure(
            OrtSession.SessionOptions session, EngineOptions options, WeightsPlaceholder files)
            throws OrtException {
        session.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
        session.setIntraOpNumThreads(options.runThreads());
        session.addConfigEntry("session.disable_prepacking", "1");
        session.addConfigEntry(
                "session.model_external_initializers_file_folder_path", files.folder().toString());
    }

    @TouchesPlaintext("tensors of the session lie over the weights")
    private static OnnxTensor give(
            OrtEnvironment environment,
            OrtSession.SessionOptions session,
            ExternalTensor tensor,
            LoadedModel model)
            throws OrtException, UnservableModelException {
        if (tensor.bytes() > Integer.MAX_VALUE - Long.BYTES * 8) {
            throw new UnservableModelException(
                    "initialiser '" + tensor.name() + "': more than 2 GiB in one tensor");
        }
        ByteBuffer bytes =
                model.view(tensor.file()).asSlice(tensor.offset(), tensor.bytes()).asByteBuffer();
        var value = OrtTensors.over(environment, tensor.type(), tensor.shape(), bytes);
        try {
            session.addInitializer(tensor.name(), value);
        } catch (OrtException e) {
            value.close();
            throw e;
        }
        return value;
    }

    private static Map<String, Long> weightFiles(LoadedModel model) {
        Map<String, Long> files = new HashMap<>();
        for (LoadedModel.File file : model.files()) {
            if (!file.name().equals(model.graphFile()) && !CompanionFile.isReserved(file.name())) {
                files.put(file.name(), file.bytes());
            }
        }
        return files;
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
