package dev.strongroom.enclave.load;

import com.google.errorprone.annotations.RestrictedApi;
import dev.strongroom.enclave.memory.SecretSegment;
import dev.strongroom.enclave.memory.TouchesPlaintext;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The opened files of one model version, together in one piece of protected memory. The caller
 * closes it after the last use of any view; closing zeroes the memory.
 *
 * <p>Thread-safe for reading.
 */
public final class LoadedModel implements AutoCloseable {
    /**
     * One opened file.
     *
     * @param name as in the manifest
     * @param bytes plaintext size
     */
    public record File(String name, long bytes) {}

    record Placed(File file, long offset) {}

    private final SecretSegment memory;
    private final String graphFile;
    private final List<Placed> placed;

    LoadedModel(SecretSegment memory, String graphFile, List<Placed> placed) {
        this.memory = memory;
        this.graphFile = graphFile;
        this.placed = List.copyOf(placed);
    }

    /** Name of the file that holds the graph; the others hold weights. */
    public String graphFile() {
        return graphFile;
    }

    public List<File> files() {
        return placed.stream().map(Placed::file).toList();
    }

    /** Read-only view of one file's plaintext, page-aligned; valid until {@link #close}. */
    @RestrictedApi(
            explanation = "plaintext weights leave protected memory only for the session",
            allowlistAnnotations = TouchesPlaintext.class,
            allowedOnPath = ".*/src/test/.*")
    @TouchesPlaintext("hands the view on under the same restriction")
    public MemorySegment view(String name) {
        for (Placed each : placed) {
            if (each.file().name().equals(name)) {
                return memory.view(each.offset(), each.file().bytes());
            }
        }
        throw new IllegalArgumentException("the model has no such file");
    }

    /**
     * Overwrites everything with zeros and reads it back, then closes.
     *
     * @return bytes of protected memory that are zero now; 0 if it was closed before
     */
    public long wipe() {
        long bytes = memory.overwrite();
        memory.close();
        return bytes;
    }

    @Override
    public void close() {
        memory.close();
    }

    @Override
    public String toString() {
        return "LoadedModel[" + placed.size() + " files, " + memory + "]";
    }
}
