package dev.strongroom.client.prepare;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The child process that lets ONNX Runtime's optimiser see the owner's model. {@link
 * PrepareProcess} starts it with limits, without network, environment or heap to speak of; it ends
 * when its parent does.
 *
 * <p>Arguments: the ONNX file to read and the folder to write {@value #GRAPH} and {@value #WEIGHTS}
 * into. Exit code {@value #REFUSED} means that ONNX Runtime refused the model, and says why on
 * standard error.
 */
public final class PrepareMain {
    static final String GRAPH = "model.onnx";
    static final String WEIGHTS = "weights.bin";
    static final int REFUSED = 1;
    static final int ORPHANED = 3;

    /** Smaller initialisers stay in the graph: shapes and axes, which the optimiser reads. */
    private static final int MIN_EXTERNAL_BYTES = 1024;

    private PrepareMain() {}

    public static void main(String[] args) {
        endWithParent();
        try {
            optimise(Path.of(args[0]), Path.of(args[1]));
        } catch (OrtException e) {
            System.err.println(e.getMessage());
            System.exit(REFUSED);
        }
    }

    private static void optimise(Path model, Path into) throws OrtException {
        try (var environment = OrtEnvironment.getEnvironment();
                var options = new OrtSession.SessionOptions()) {
            options.setOptimizationLevel(OptLevel.EXTENDED_OPT);
            options.setOptimizedModelFilePath(into.resolve(GRAPH).toString());
            options.addConfigEntry(
                    "session.optimized_model_external_initializers_file_name", WEIGHTS);
            options.addConfigEntry(
                    "session.optimized_model_external_initializers_min_size_in_bytes",
                    Integer.toString(MIN_EXTERNAL_BYTES));
            options.addConfigEntry("session.disable_prepacking", "1");
            environment.createSession(model.toString(), options).close();
        }
    }

    /** The parent holds the other end of standard input: its end is the parent's end. */
    private static void endWithParent() {
        Thread.ofPlatform()
                .daemon()
                .name("parent-watch")
                .start(() -> {
                    try {
                        while (System.in.read() >= 0) {
                            // the parent sends nothing
                        }
                    } catch (IOException e) {
                        // the pipe broke: the same as its end
                    }
                    Runtime.getRuntime().halt(ORPHANED);
                });
    }
}
