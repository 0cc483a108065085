package dev.strongroom.client.prepare;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.client.ClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The owner's model as it lies on disk: a graph file and the external data files that it names, all
 * inside one folder. Existence is the proof that every named file was found confined to it.
 *
 * <p>Immutable; the files themselves may change under it, which {@link #fingerprint()} shows.
 *
 * @param folder where the graph file is
 * @param graph the ONNX file
 * @param external the files it names, in the order of their names
 */
public record ModelSource(Path folder, Part graph, List<Part> external) {
    /**
     * One file.
     *
     * @param name relative to the folder, with {@code /} between its parts
     */
    public record Part(String name, Path path, long bytes) {}

    public ModelSource {
        external = List.copyOf(external);
    }

    /**
     * Finds the files of a model and checks what the graph names.
     *
     * @param fileOrFolder a {@code .onnx} file, or a folder with exactly one of them
     * @throws ClientException when it is no ONNX model, or names a file outside its folder
     */
    public static ModelSource of(Path fileOrFolder) throws ClientException, IOException {
        Path file = graphFile(fileOrFolder.toAbsolutePath().normalize());
        Path folder = file.getParent();
        if (folder == null) {
            throw ClientException.local(file + " has no folder", "give a .onnx file in a folder");
        }
        var external = new ArrayList<Part>();
        for (Map.Entry<String, Long> named : OnnxAdmission.externalFiles(file).entrySet()) {
            external.add(confined(folder, named.getKey(), named.getValue()));
        }
        return new ModelSource(folder, part(folder, file), external);
    }

    /** Whether an output of the graph has this name. */
    public boolean gives(String output) throws IOException {
        return GraphOutputs.of(graph.path()).contains(output);
    }

    /** Graph first. */
    public List<Part> parts() {
        return Stream.concat(Stream.of(graph), external.stream()).toList();
    }

    public long totalBytes() {
        return parts().stream().mapToLong(Part::bytes).sum();
    }

    /**
     * Changes when a file of the model was replaced or written to, even by one of the same size
     * whose time of modification was set back: the inode and its time of change are part of it.
     */
    public Digest fingerprint() throws IOException {
        var canonical = Canonical.of("strongroom/source-fingerprint", 2);
        for (Part part : parts()) {
            canonical
                    .text(part.path.toString())
                    .u64(Files.size(part.path))
                    .text(Files.getLastModifiedTime(part.path).toInstant().toString())
                    .text(Files.getAttribute(part.path, "unix:ino").toString())
                    .text(Files.getAttribute(part.path, "unix:ctime").toString());
        }
        return Digest.sha256(canonical.toByteArray());
    }

    private static Path graphFile(Path given) throws ClientException, IOException {
        if (Files.isRegularFile(given)) {
            return given;
        }
        if (!Files.isDirectory(given)) {
            throw ClientException.local(
                    given + " does not exist", "give a .onnx file or the folder of a model");
        }
        try (Stream<Path> entries = Files.list(given)) {
            List<Path> graphs =
                    entries.filter(path -> path.toString().endsWith(".onnx"))
                            .filter(Files::isRegularFile)
                            .toList();
            if (graphs.size() != 1) {
                throw ClientException.local(
                        given + " has " + graphs.size() + " .onnx files, expected one",
                        "name the .onnx file itself");
            }
            return graphs.getFirst();
        }
    }

    private static Part confined(Path folder, String location, long leastBytes)
            throws ClientException, IOException {
        Path path = plainRelative(folder, location);
        if (!Files.isRegularFile(path)) {
            throw ClientException.local(
                    "external data file " + path + " is missing",
                    "put it beside the .onnx file, where the model expects it");
        }
        if (!path.toRealPath().startsWith(folder.toRealPath())) {
            throw outside(location, "it is a link out of the model's folder");
        }
        Part part = part(folder, path);
        if (part.bytes < leastBytes) {
            throw ClientException.local(
                    path + ": expected at least " + leastBytes + " bytes, got " + part.bytes,
                    "fetch or export the file again; it is cut off");
        }
        return part;
    }

    /** Only names that lead down from the folder, without any special part. */
    private static Path plainRelative(Path folder, String location) throws ClientException {
        try {
            Path relative = Path.of(location);
            boolean plain =
                    !location.isEmpty()
                            && !relative.isAbsolute()
                            && location.indexOf('\\') < 0
                            && location.indexOf(':') < 0
                            && relative.normalize().toString().equals(location)
                            && !relative.startsWith("..");
            if (plain) {
                return folder.resolve(relative);
            }
        } catch (InvalidPathException e) {
            throw outside("(unprintable)", "it is no file name");
        }
        throw outside(location, "expected a plain relative file name");
    }

    private static Part part(Path folder, Path path) throws IOException {
        return new Part(folder.relativize(path).toString(), path, Files.size(path));
    }

    private static ClientException outside(String location, String why) {
        return ClientException.local(
                "the model names external data outside its folder: \""
                        + location.replaceAll("[^\\p{Print}]", "?")
                        + "\": "
                        + why,
                "do not use this model as it is; copy it with `cp -rL` if you trust its links");
    }
}
