package dev.strongroom.serving.engine;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import dev.strongroom.enclave.load.LoadedModel;
import dev.strongroom.enclave.memory.StackResidue;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
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

    private final LoadedModel loaded;
    private final Signatures signatures;
    private final List<TensorSignature> outputs;
    private final List<TensorSignature> hidden;
    private final Optional<Decoder> decoder;
    private final boolean holdsWeights;
    private final ReadWriteLock life = new ReentrantReadWriteLock();
    private final ActiveRuns runs = new ActiveRuns();
    private ModelSession model; // guarded by life, as what follows
    private boolean closed;

    private Engine(LoadedModel loaded, ModelSession model)
            throws OrtException, UnservableModelException {
        this.loaded = loaded;
        this.model = model;
        this.holdsWeights = model.holdsWeights();
        this.signatures = Signatures.of(model.session());
        this.outputs = signatures.shown();
        this.hidden = signatures.hidden();
        this.decoder =
                DecoderSignature.of(inputs(), outputs)
                        .map(signature -> new Decoder(this, signature));
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
            return new Engine(loaded, model);
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
        return signatures.inputs();
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
        return use(over, new RowsRun(signatures, requests, wanted)::answers);
    }

    /** Uses the session, which stays open for as long. */
    <T> T use(BooleanSupplier over, Use.Of<T> used) throws InferenceException {
        life.readLock().lock();
        try {
            requireOpen();
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
        return holdsWeights;
    }

    /**
     * Makes the session anew, with other options over the same weights; runs under way end first.
     * The old one is gone before, so that there are never two. Should it fail, the engine is
     * closed.
     *
     * @throws InferenceException CLOSED
     * @throws UnservableModelException as {@link #open}
     * @throws IOException as {@link #open}
     */
    public void reopen(EngineOptions options)
            throws InferenceException, UnservableModelException, IOException {
        awaitRuns();
        try {
            requireOpen();
            model.close();
            closed = true;
            model = ModelSession.open(loaded, options);
            closed = false;
        } finally {
            life.writeLock().unlock();
        }
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
            decoder.ifPresent(Decoder::closeCaches);
            if (!closed) {
                closed = true;
                model.close();
            }
        } finally {
            life.writeLock().unlock();
        }
    }

    private void requireOpen() throws InferenceException {
        if (closed || runs.interrupted()) {
            throw new InferenceException(InferenceException.Fault.CLOSED, "the model is closed");
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
                var overdraft = model.overdraft(run::end)) {
            try {
                return used.apply(new Use(model.session(), memory, run, overdraft));
            } catch (OrtException e) {
                overdraft.requireCovered();
                if (OutOfMemory.is(e)) {
                    throw OutOfMemory.refusal();
                }
                if (run.stopped() && !runs.interrupted()) {
                    throw new InferenceException(
                            InferenceException.Fault.STOPPED, "the inference was stopped");
                }
                throw e;
            }
        }
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
}
