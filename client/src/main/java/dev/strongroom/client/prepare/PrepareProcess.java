package dev.strongroom.client.prepare;

import dev.strongroom.client.ClientException;
import dev.strongroom.client.Progress;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs {@link PrepareMain} confined: no network, limited processor time, file size and open files,
 * no core dump, an empty environment, and home and temporary folder inside the private one.
 *
 * <p>What the machine cannot give is said to the progress listener, and preparation goes on: the
 * child only reads what its owner gave it. Not thread-safe.
 */
public final class PrepareProcess {
    /**
     * What one ONNX file can have in it, by protobuf's own limit. What is larger has its weights in
     * files beside the graph already, and is prepared where there is room for it.
     */
    static final long ONE_FILE_BYTES = Integer.MAX_VALUE;

    private static final int HEAP_MIB = 64; // the weights are in ONNX Runtime's own memory
    private static final long CPU_SECONDS_FLOOR = 120;
    private static final long BYTES_PER_CPU_SECOND = 1 << 20; // measured: 90 MiB take 2 s
    private static final int OPEN_FILES = 512; // jars, natives and one file per external tensor
    private static final long FILE_BYTES_FLOOR = 256L << 20; // the natives that ORT unpacks
    private static final int MAX_MESSAGE_BYTES = 2048;
    private static final long TENTH = 10; // measured: optimising takes a tenth more than the model

    private final Path directory;
    private final Progress progress;

    private PrepareProcess(Path directory, Progress progress) {
        this.directory = directory;
        this.progress = progress;
    }

    /**
     * What this machine lacks to prepare a model whose weights are in files beside its graph, as
     * the end of a sentence; empty when it has it. Any other model is prepared whatever it takes,
     * since a node would hold its weights outside locked memory.
     *
     * @param directory where the prepared files would be
     */
    public static Optional<String> lacking(ModelSource source, PrivateDirectory directory)
            throws IOException {
        return lacking(source, directory, FreeMemory.bytes());
    }

    static Optional<String> lacking(ModelSource source, PrivateDirectory directory, long free)
            throws IOException {
        long files = source.totalBytes();
        if (files <= ONE_FILE_BYTES) {
            return Optional.empty();
        }
        long needed = files + files / TENTH + (directory.onTmpfs() ? files : 0);
        if (needed > free) {
            return Optional.of(
                    "it takes %d MiB of memory, and %d MiB are free"
                            .formatted(needed >> 20, free >> 20));
        }
        long room = Files.getFileStore(directory.path()).getUsableSpace();
        if (files > room) {
            return Optional.of(
                    "it takes %d MiB of room in %s, and %d MiB are free"
                            .formatted(files >> 20, directory.path().getParent(), room >> 20));
        }
        return Optional.empty();
    }

    /**
     * Optimises a model into {@code directory}.
     *
     * @param directory private and empty; the caller wipes it
     * @return the prepared model; its files are plaintext
     * @throws ClientException when ONNX Runtime refuses the model
     */
    public static ModelSource run(ModelSource source, PrivateDirectory directory, Progress progress)
            throws ClientException, IOException, InterruptedException {
        return new PrepareProcess(directory.path(), progress).run(source);
    }

    private ModelSource run(ModelSource source)
            throws ClientException, IOException, InterruptedException {
        Path out = Files.createDirectory(directory.resolve("out"));
        var command = new ArrayList<String>(confinement(source.totalBytes()));
        command.addAll(java());
        command.add(source.graph().path().toString());
        command.add(out.toString());

        var builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(environment());
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        Process child = builder.start();
        try {
            String message = lastWords(child);
            int exit = child.waitFor();
            if (exit != 0) {
                throw failed(source, exit, message);
            }
        } finally {
            child.destroyForcibly();
        }
        return ModelSource.of(out);
    }

    private List<String> confinement(long modelBytes) throws IOException, InterruptedException {
        var prefix = new ArrayList<String>();
        if (works("unshare", "-rn", "true")) {
            prefix.addAll(List.of("unshare", "-rn"));
        } else {
            progress.warning(
                    "no network namespace here: the preparing child could use the network");
        }
        if (works("prlimit", "--core=0", "true")) {
            prefix.addAll(
                    List.of(
                            "prlimit",
                            "--core=0",
                            "--nofile=" + OPEN_FILES,
                            "--cpu=" + (CPU_SECONDS_FLOOR + modelBytes / BYTES_PER_CPU_SECOND),
                            "--fsize=" + (FILE_BYTES_FLOOR + 2 * modelBytes)));
        } else {
            progress.warning("no prlimit here: the preparing child runs without limits");
        }
        return prefix;
    }

    private static boolean works(String... command) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false; // not installed
        }
    }

    /** The same Java, the same modules or class path as this process. */
    private List<String> java() {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-Xmx" + HEAP_MIB + "m",
                        "-XX:+UseSerialGC",
                        "-XX:-UsePerfData", // would write into the shared temporary folder
                        "-XX:TieredStopAtLevel=1",
                        "-Djava.io.tmpdir=" + directory));
        Module module = PrepareMain.class.getModule();
        String main = PrepareMain.class.getName();
        if (module.isNamed()) {
            command.add("--enable-native-access=com.microsoft.onnxruntime");
            command.addAll(List.of("--module-path", System.getProperty("jdk.module.path")));
            command.addAll(List.of("--module", module.getName() + "/" + main));
        } else {
            command.add("--enable-native-access=ALL-UNNAMED");
            command.addAll(List.of("--class-path", System.getProperty("java.class.path"), main));
        }
        return command;
    }

    private Map<String, String> environment() {
        return Map.of(
                "PATH",
                "/usr/sbin:/usr/bin:/sbin:/bin",
                "HOME",
                directory.toString(),
                "TMPDIR",
                directory.toString(),
                "ORT_DISABLE_TELEMETRY",
                "1");
    }

    /** Everything is read, so that the child never blocks on a full pipe; the start is kept. */
    private static String lastWords(Process child) throws IOException {
        try (var errors = child.getErrorStream()) {
            byte[] start = errors.readNBytes(MAX_MESSAGE_BYTES);
            errors.transferTo(OutputStream.nullOutputStream());
            return new String(start, StandardCharsets.UTF_8).strip();
        }
    }

    private static ClientException failed(ModelSource source, int exit, String message) {
        if (exit == PrepareMain.REFUSED) {
            return ClientException.local(
                    "ONNX Runtime refused " + source.graph().path() + ": " + message,
                    "check the model with `python -m onnx.checker`, or export it again");
        }
        return ClientException.local(
                "preparing " + source.graph().path() + " ended with code " + exit + ": " + message,
                "push it as it is with --no-prepare, or free memory and disk space");
    }
}
