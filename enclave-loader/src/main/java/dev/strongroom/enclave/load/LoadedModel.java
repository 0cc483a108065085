package dev.strongroom.enclave.load;

import com.google.errorprone.annotations.RestrictedApi;
import dev.strongroom.crypto.format.CompanionFile;
import dev.strongroom.enclave.memory.SecretSegment;
import dev.strongroom.enclave.memory.TouchesPlaintext;
import dev.strongroom.fingerprint.FingerprintKey;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

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

    /** Name of the file that holds the graph. */
    public String graphFile() {
        return graphFile;
    }

    public List<File> files() {
        return placed.stream().map(Placed::file).toList();
    }

    /** Sizes of the files that hold weights, by name. */
    public Map<String, Long> weightFiles() {
        return files().stream()
                .filter(file -> !file.name().equals(graphFile))
                .filter(file -> !CompanionFile.isReserved(file.name()))
                .collect(Collectors.toUnmodifiableMap(File::name, File::bytes));
    }

    /** Read-only view of one file's plaintext, page-aligned; valid until {@link #close}. */
    @RestrictedApi(
            explanation = "plaintext weights leave protected memory only for the session",
            allowlistAnnotations = TouchesPlaintext.class,
            allowedOnPath = ".*/src/test/.*")
    @TouchesPlaintext("hands the view on under the same restriction")
    public MemorySegment view(String name) {
        Placed placed = placed(name);
        return memory.view(placed.offset(), placed.file().bytes());
    }

    /** Writable view of one file: for a mark, before there is a session. */
    @RestrictedApi(
            explanation = "only a recipient's mark changes weights",
            allowlistAnnotations = TouchesPlaintext.class,
            allowedOnPath = ".*/src/test/.*")
    @TouchesPlaintext("hands the view on under the same restriction")
    public MemorySegment writable(String name) {
        Placed placed = placed(name);
        return memory.fill(placed.offset(), placed.file().bytes());
    }

    /**
     * The key that this copy's mark derives from, when the version has one. The caller closes it.
     *
     * @throws IllegalArgumentException if the sealed file is not a key
     */
    @TouchesPlaintext("reads the fingerprint key, no weights")
    public Optional<FingerprintKey> fingerprintKey() {
        String name = CompanionFile.FINGERPRINT.fileName();
        if (files().stream().noneMatch(file -> file.name().equals(name))) {
            return Optional.empty();
        }
        MemorySegment sealed = view(name);
        if (sealed.byteSize() != FingerprintKey.BYTES) {
            throw new IllegalArgumentException(
                    name
                            + ": expected "
                            + FingerprintKey.BYTES
                            + " bytes, got "
                            + sealed.byteSize());
        }
        byte[] key = sealed.toArray(ValueLayout.JAVA_BYTE);
        try {
            return Optional.of(FingerprintKey.of(key));
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    /**
     * A copy of what the detector of the guard knows of honest queries, when the version has it.
     */
    @TouchesPlaintext("reads the calibration, no weights")
    public Optional<ByteBuffer> calibration() {
        return companion(CompanionFile.CALIBRATION);
    }

    /** A copy of how the model generates, when the version says it. */
    @TouchesPlaintext("reads the settings, no weights")
    public Optional<ByteBuffer> generation() {
        return companion(CompanionFile.GENERATION);
    }

    @TouchesPlaintext("reads what is not the model")
    private Optional<ByteBuffer> companion(CompanionFile companion) {
        String name = companion.fileName();
        if (files().stream().noneMatch(file -> file.name().equals(name))) {
            return Optional.empty();
        }
        return Optional.of(ByteBuffer.wrap(view(name).toArray(ValueLayout.JAVA_BYTE)));
    }

    /**
     * Overwrites everything with zeros and reads it back, then closes.
     *
     * @return bytes of protected memory that are zero now; 0 if it was closed before
     */
    public long wipe() {
        return memory.wipe();
    }

    /** Overwrites everything with zeros and keeps it, because somebody may still read there. */
    public void overwrite() {
        memory.overwrite();
    }

    @Override
    public void close() {
        memory.close();
    }

    private Placed placed(String name) {
        return placed.stream()
                .filter(each -> each.file().name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the model has no such file"));
    }

    @Override
    public String toString() {
        return "LoadedModel[" + placed.size() + " files, " + memory + "]";
    }
}
