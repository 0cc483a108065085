package dev.strongroom.ops.image;

import dev.strongroom.attestation.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The values by which an image is known.
 *
 * @param tree digest of its files (docs/format.md)
 * @param bytes of all files together
 * @param verity of the erofs image; empty where mkfs.erofs is not installed
 */
public record References(Digest tree, long bytes, Optional<Verity> verity) {
    private static final int SECTORS_PER_BLOCK = 8;

    /**
     * Measures a folder that image build wrote, a file tree, or a tar of one.
     *
     * @throws IOException also for what is neither
     */
    public static References measure(Path image) throws IOException, InterruptedException {
        if (Files.isDirectory(image.resolve(ImageBuilder.TREE))) {
            return measure(image.resolve(ImageBuilder.TREE));
        }
        Path scratch = Files.createTempDirectory("image");
        try {
            Path tree = image;
            if (!Files.isDirectory(image)) {
                tree = Files.createDirectory(scratch.resolve(ImageBuilder.TREE));
                Tar.unpack(image, tree);
            }
            return write(tree, scratch);
        } finally {
            delete(scratch);
        }
    }

    /** Measures a tree; its erofs image and hash tree are left in a folder. */
    static References write(Path tree, Path into) throws IOException, InterruptedException {
        FileTree files = FileTree.of(tree);
        return new References(TreeDigest.of(files), files.bytes(), verity(tree, into));
    }

    private static Optional<Verity> verity(Path tree, Path into)
            throws IOException, InterruptedException {
        if (!Erofs.possible()) {
            return Optional.empty();
        }
        Path image = into.resolve(ImageBuilder.EROFS);
        Erofs.write(tree, image);
        return Optional.of(Verity.of(image, into.resolve(ImageBuilder.VERITY)));
    }

    /**
     * What a kernel with dm-verity built in is told, so that it mounts the image as its root: the
     * image is the first disk, its hash tree the second.
     */
    public Optional<String> kernelCommandLine() {
        return verity.map(v ->
                "dm-mod.create=\"strongroom,,,ro,0 %d verity 1 /dev/vda /dev/vdb 4096 4096 %d 1 sha256 %s -\""
                                .formatted(
                                        v.dataBlocks() * SECTORS_PER_BLOCK,
                                        v.dataBlocks(),
                                        v.root())
                        + " root=/dev/dm-0 rootfstype=erofs ro");
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
