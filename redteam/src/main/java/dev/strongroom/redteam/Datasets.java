package dev.strongroom.redteam;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Finds MNIST and Fashion-MNIST where {@code ./strongroom redteam} or a package put them. */
final class Datasets {
    private static final Path FASHION = Path.of("usr/share/datasets/fashion-mnist");

    private final Path folder;

    /** Looks below {@code folder}, then below the system's root. */
    Datasets(Path folder) {
        this.folder = folder;
    }

    Optional<Samples> mnist() throws IOException {
        return read(folder.resolve("package/data"), "");
    }

    Optional<Samples> fashion() throws IOException {
        Path own = folder.resolve("fashion").resolve(FASHION);
        return read(Files.isDirectory(own) ? own : Path.of("/").resolve(FASHION), ".gz");
    }

    private static Optional<Samples> read(Path folder, String suffix) throws IOException {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        Samples train = part(folder, "train", suffix);
        return Optional.of(train.with(part(folder, "t10k", suffix)));
    }

    private static Samples part(Path folder, String part, String suffix) throws IOException {
        List<float[]> rows = Idx.pooledImages(folder.resolve(part + "-images-idx3-ubyte" + suffix));
        return new Samples(rows, Idx.labels(folder.resolve(part + "-labels-idx1-ubyte" + suffix)));
    }
}
