package dev.strongroom.serving.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.strongroom.enclave.load.LoadedModel;
import dev.strongroom.enclave.memory.TouchesPlaintext;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An ONNX Runtime session whose initialisers lie over the opened weights.
 *
 * <p>The caller closes it before the model.
 *
 * @param weights tensors that the session reads for as long as it lives
 * @param how it was made
 */
record ModelSession(
        OrtEnvironment environment, OrtSession session, List<OnnxTensor> weights, EngineOptions how)
        implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
    private static final int INLINE_WARNING_BYTES = 256 << 10; // small initialisers stay in a graph

    /** As {@link Engine#open}. */
    @TouchesPlaintext("gives graph and weights to the session")
    static ModelSession open(LoadedModel model, EngineOptions options)
            throws UnservableModelException, IOException {
        Map<String, Long> files = model.weightFiles();
        var graph = model.view(model.graphFile());
        List<ExternalTensor> external = ExternalTensors.find(graph, files);
        if (external.isEmpty() && graph.byteSize() > INLINE_WARNING_BYTES) {
            LOG.warn(
                    "engine.two_copies the graph carries its weights: the session keeps a copy"
                            + " outside protected memory; push a prepared model");
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
            var session = create(environment, graph, sessionOptions, options);
            return new ModelSession(environment, session, weights, options);
        } catch (OrtException e) {
            weights.forEach(OnnxTensor::close);
            throw new UnservableModelException(
                    "graph: ONNX Runtime refused the model (" + e.getCode() + ")");
        } catch (UnservableModelException | IOException | RuntimeException e) {
            weights.forEach(OnnxTensor::close);
            throw e;
        }
    }

    /** True when the session has a copy of the weights outside protected memory. */
    boolean holdsWeights() {
        return weights.isEmpty();
    }

    /** Of a run on this thread, which may have others compute for it. */
    Overdraft overdraft(Runnable end) {
        return Overdraft.begin(how.profile(), how.runThreads(), end);
    }

    @Override
    public void close() {
        try {
            session.close();
            weights.forEach(OnnxTensor::close);
        } catch (OrtException e) {
            throw new IllegalStateException("session", e);
        }
    }

    private static OrtSession create(
            OrtEnvironment environment,
            MemorySegment graph,
            OrtSession.SessionOptions options,
            EngineOptions how)
            throws OrtException, UnservableModelException {
        Runnable goOn = () -> {}; // making a session cannot be ended early
        try (var overdraft = Overdraft.begin(how.profile(), how.runThreads(), goOn)) {
            var session =
                    withAllocator(
                            environment,
                            how.profile(),
                            () -> environment.createSession(graph.asByteBuffer(), options));
            if (overdraft.drawn()) {
                session.close();
                throw new UnservableModelException(
                        "the session's own copies of the weights need more protected memory than"
                                + " this node may take; give it more, or profile: single-copy");
            }
            return session;
        }
    }

    private static OrtSession withAllocator(
            OrtEnvironment environment,
            Profile profile,
            SharedAllocators.Making<OrtSession> session)
            throws OrtException, UnservableModelException {
        return switch (profile) {
            case Profile.SingleCopy(var runBytes) ->
                    SharedAllocators.withArena(environment, runBytes, session);
            case Profile.Fast(var copies) ->
                    SharedAllocators.with(
                            environment, SessionAllocator.over(environment, copies), session);
        };
    }

    /** Optimised once when the model was prepared; an optimiser here would copy the weights. */
    private static void configure(
            OrtSession.SessionOptions session, EngineOptions options, WeightsPlaceholder files)
            throws OrtException {
        session.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
        session.setIntraOpNumThreads(options.runThreads());
        // Threads that wait in a loop take the processor from other runs.
        session.addConfigEntry("session.intra_op.allow_spinning", "0");
        switch (options.profile()) {
            case Profile.SingleCopy _ -> session.addConfigEntry("session.disable_prepacking", "1");
            case Profile.Fast _ -> {}
        }
        session.addConfigEntry("session.use_env_allocators", "1");
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
}
