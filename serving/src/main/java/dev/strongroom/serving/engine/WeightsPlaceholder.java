package dev.strongroom.serving.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A folder with an empty file for each weights file. ONNX Runtime insists that the files a graph
 * names exist, although every tensor in them is given to it in memory; an empty one makes any read
 * that we did not foresee fail instead of yielding zeros.
 */
final class WeightsPlaceholder implements AutoCloseable {
    private final Path folder;
    private final List<String> names;

    private WeightsPlaceholder(Path folder, List<String> names) {
        this.folder = folder;
        this.names = names;
    }

    static WeightsPlaceholder in(Path scratch, List<String> names)
            throws IOException, UnservableModelException {
        Files.createDirectories(scratch);
        Path folder = Files.createTempDirectory(scratch, "weights");
        var placeholder = new WeightsPlaceholder(folder, List.copyOf(names));
        for (String name : names) {
            if (!name.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}")) {
                placeholder.close();
                throw new UnservableModelException(
                        "weights file name: expected letters, digits, dot, dash and underscore");
            }
            Files.createFile(folder.resolve(name));
        }
        return placeholder;
    }

    Path folder() {
        return folder;
    }

    @Override
    public void close() throws IOException {
        for (String name : names) {
            if (name.indexOf('/') < 0) {
                Files.deleteIfExists(folder.resolve(name));
            }
        }
        Files.delete(folder);
    }
}
